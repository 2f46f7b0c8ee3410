#!/usr/bin/env bash
# MeanVarianceNormalization of a constant channel is NaN in ONNX Runtime, or all ones, where the operator's definition gives zeros.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the definition adds 1e-9 to the standard deviation before dividing, so that (x - mean) / std of a constant is 0.
# Seen: nothing is added. 64 times 5 gives 64 times NaN, which is 0 / 0. 64 times 0.3 gives 64 times 1, because the mean of 64 numbers 0.3 is
# one rounding beside 0.3 and the standard deviation is that same rounding. InstanceNormalization, which takes an epsilon, gives 0 and 0.000008.
# Why it matters: a dead channel or a blank picture poisons everything behind it with NaN; with another constant it is as bright as a
# standard deviation. The answer depends on how the constant rounds.
# Output seen: 5 -> NaN, 0.3 -> 1.
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
const DIMS = [1, 1, 8, 8];
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: DIMS.map((dimValue) => ({ dimValue })) } } } });
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'normalise',
    input: [value('x')],
    output: [value('y')],
    node: [{ opType: 'MeanVarianceNormalization', input: ['x'], output: ['y'], attribute: [{ name: 'axes', type: 7, ints: [0, 2, 3] }] }],
  },
}).finish();

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const session = await ort.InferenceSession.create(model);
  const normalise = async (level) => {
    const { y } = await session.run({ x: new ort.Tensor('float32', new Float32Array(64).fill(level), DIMS) });
    const seen = [...new Set(y.data)];
    console.log(`64 times ${level}: ${seen}`);
    return seen;
  };
  const five = await normalise(5);
  const third = await normalise(0.3);
  if (five.length !== 1 || !Number.isNaN(five[0]) || third.length !== 1 || Math.abs(third[0]) < 0.5) {
    console.error('The behaviour has changed: constants are normalised to something else.');
    process.exit(1);
  }
  console.log('Still so: a constant becomes NaN, or a number of the size of one standard deviation.');
})();
EOF
node probe.cjs
