#!/usr/bin/env bash
# Sigmoid of ONNX Runtime is exactly 0 from about -18 down, and above that it is not monotonic.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: 1 / (1 + exp(-x)) in float32 is above 0 down to -103 and grows with x. At -20 it is 2.06e-9, as in PyTorch and in the same
# operator for float64.
# Seen: sigmoid(-20) and sigmoid(-18) are 0. sigmoid(-16) is 5.96e-8 but sigmoid(-16.5) is 8.94e-8: the smaller score gets the larger
# probability. The function is a rational approximation of sigmoid - 1/2 to which 1/2 is added, so its error is 3e-8 whatever the result.
# Softmax over [x, 0], which is the same function, is right.
# Why it matters: a logarithm behind it (cross-entropy, log-likelihood ratios, focal loss) is minus infinity where -20 belongs; rare classes of a
# detector tie at 0 or are ranked upside down.
# Output seen: -16: 5.96e-8, -16.5: 8.94e-8, -18: 0, -20: 0; Softmax at -20: 2.06e-9.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnx-proto@8.0.1

cat > probe.cjs <<'EOF'
const { onnx } = require('onnx-proto');
const ort = require('onnxruntime-node');

const FLOAT = 1;

const run = async (opType, dims, numbers) => {
  const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: { name: 'score', input: [value('x')], output: [value('y')], node: [{ opType, input: ['x'], output: ['y'] }] },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  return [...(await session.run({ x: new ort.Tensor('float32', numbers, dims) })).y.data];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const scores = [-16, -16.5, -18, -20];
  const seen = await run('Sigmoid', [scores.length], scores);
  const softmax = await run('Softmax', [scores.length, 2], scores.flatMap((x) => [x, 0]));
  scores.forEach((x, i) => {
    const exact = 1 / (1 + Math.exp(-x));
    console.log(`${x}: Sigmoid ${seen[i].toPrecision(3)}, Softmax ${softmax[2 * i].toPrecision(3)}, exact ${exact.toPrecision(3)}`);
  });
  if (seen[0] >= seen[1] || seen[2] !== 0 || seen[3] !== 0 || softmax[6] < 2e-9) {
    console.error('The behaviour has changed: small probabilities are no longer 0, or grow with the score.');
    process.exit(1);
  }
  console.log('Still so: 0 below -18, and more at -16.5 than at -16.');
})();
EOF
node probe.cjs
