#!/usr/bin/env bash
# Cast from float rounds half away from zero for 4-bit targets in ONNX Runtime, and truncates for 8-bit ones.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: one rule for casts from floats to integers, that of C and NumPy: the fraction is dropped. QuantizeLinear is the one that rounds,
# half to even.
# Seen: 0.5, 1.5, 2.5, -0.5, -1.5 cast to int8 are 0, 1, 2, 0, -1; cast to int4 they are 1, 2, 3, -1, -2; by way of QuantizeLinear
# (step 1) 0, 2, 2, 0, -2. So three rules for one narrow integer, and 7.9, which truncates into the range of int4, rounds to 8 and
# wraps to -8: the largest values become the smallest.
# Why it matters: a simulation of 4-bit data by Cast differs from one of 8 bits by half a step on average, which at 4 bits is more than
# the effect that most studies look for.
# Output seen: see above.
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

const FLOAT = 1, INT8 = 3, INT4 = 22, INPUT = [0.5, 1.5, 2.5, -0.5, -1.5, 7.9];
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: INPUT.length }] } } } });
const integer = (name, i) => ({ name, type: 2, i });
const cast = (from, to, type) => ({ opType: 'Cast', input: [from], output: [to], attribute: [integer('to', type)] });

const run = async (node, initializer = []) => {
  const model = onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'narrow',
      input: [value('x')],
      output: [value('y')],
      initializer,
      node,
    },
  }).finish();
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: 'disabled' });
  return [...(await session.run({ x: new ort.Tensor('float32', INPUT, [INPUT.length]) })).y.data].map((v) => v + 0 || 0).join(',');
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const eight = await run([cast('x', 'narrow', INT8), cast('narrow', 'y', FLOAT)]);
  const four = await run([cast('x', 'narrow', INT4), cast('narrow', 'y', FLOAT)]);
  const quantised = await run([
    { opType: 'QuantizeLinear', input: ['x', 'one'], output: ['narrow'], attribute: [integer('output_dtype', INT4)] },
    { opType: 'DequantizeLinear', input: ['narrow', 'one'], output: ['y'] },
  ], [{ name: 'one', dataType: FLOAT, dims: [], floatData: [1] }]);
  console.log('input                   ', INPUT.join(','));
  console.log('Cast to int8            ', eight);
  console.log('Cast to int4            ', four);
  console.log('QuantizeLinear to int4  ', quantised);
  if (eight !== '0,1,2,0,-1,7' || quantised !== '0,2,2,0,-2,7') throw new Error('int8 or QuantizeLinear is not what this probe expects');
  if (four !== '1,2,3,-1,-2,-8') {
    console.error('The behaviour has changed: Cast to int4 no longer rounds half away from zero.');
    process.exit(1);
  }
  console.log('Still so: Cast truncates to 8 bits and rounds to 4, and 7.9 becomes -8.');
})();
EOF
node probe.cjs
