#!/usr/bin/env bash
# GroupNormalization of ONNX Runtime computes the variance as a difference of two large numbers; LayerNormalization does not.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: with a single group the two operators are one formula, so [m, m+1, m+2, m+3] gives -1.3416, -0.4472, 0.4472, 1.3416 for any m.
# Seen: the CPU has no kernel for GroupNormalization; the operator is expanded by its definition, mean(x*x) - mean(x)^2 in 32-bit floats.
# At m = 3000 the result is 21 % too small; at m = 10000 it is 350 times too large, since the variance came out as 0 and epsilon alone
# was left. LayerNormalization is right throughout.
# Why it matters: a ratio of mean to spread of some thousands is ordinary for raw 16-bit sensor images or for maps with a large bias. The
# error follows the input, so a check on a few normalised photos does not show it.
# Output seen (first element): group -1.0607 at 3000, -474.3416 at 10000; layer -1.3416 at both.
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

const FLOAT = 1, DIMS = [1, 2, 2];
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: DIMS.map((dimValue) => ({ dimValue })) } } } });
const constant = (name, dims, numbers) => ({ name, dataType: FLOAT, dims, floatData: numbers });
const integer = (name, i) => ({ name, type: 2, i });

const model = (opType, attribute, dims, size) => onnx.ModelProto.encode({
  irVersion: 10,
  opsetImport: [{ version: 21 }],
  graph: {
    name: 'normalise',
    input: [value('x')],
    output: [value('y')],
    initializer: [constant('scale', dims, Array(size).fill(1)), constant('bias', dims, Array(size).fill(0))],
    node: [{ opType, input: ['x', 'scale', 'bias'], output: ['y'], attribute }],
  },
}).finish();
const group = model('GroupNormalization', [integer('num_groups', 1)], [2], 2);
const layer = model('LayerNormalization', [integer('axis', 1)], [2, 2], 4);

const first = async (bytes, mean) => {
  const session = await ort.InferenceSession.create(bytes);
  const x = new ort.Tensor('float32', [0, 1, 2, 3].map((v) => mean + v), DIMS);
  return (await session.run({ x })).y.data[0];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = {};
  for (const mean of [0, 3000, 10000]) {
    seen[mean] = { group: await first(group, mean), layer: await first(layer, mean) };
    console.log(`m = ${mean}: group ${seen[mean].group.toFixed(4)}, layer ${seen[mean].layer.toFixed(4)} (right: -1.3416)`);
  }
  const off = (v) => Math.abs(v + 1.3416);
  const alike = Object.values(seen).every((row) => off(row.layer) < 0.001) && off(seen[0].group) < 0.001;
  if (!alike || off(seen[3000].group) < 0.05 || off(seen[10000].group) < 10) {
    console.error('The behaviour has changed: GroupNormalization no longer loses the variance beside a large mean.');
    process.exit(1);
  }
  console.log('Still so: GroupNormalization with one group is not LayerNormalization once the mean is large.');
})();
EOF
node probe.cjs
