#!/usr/bin/env bash
# ONNX Runtime turns 1 / x times w into w / x and with that loses the dimensions that the 1 brought along.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: a 1 of shape [1, 1] divided by three numbers has the shape [1, 3], so the product with three more has it too.
# Seen: with the default optimisation (from "basic" on) the shape is [3]. What follows works along another axis: the sum over axis 0, of which there
# is one, is no longer the three numbers but their total, and a softmax over it gives 0.556, 0.263, 0.181 instead of 1, 1, 1. A 1 of shape [1] or []
# does no harm.
# Why it matters: a reciprocal scale kept as a [1, 1] or [1, 1, 1] constant is how broadcast code is exported. The error shows only as wrong numbers
# further on.
# Output seen: not optimised 1.5, 0.75, 0.375, optimised 2.625.
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

const TYPES = { float32: [1, Float32Array], uint8: [2, Uint8Array], int8: [3, Int8Array], int64: [7, BigInt64Array] };
const attribute = ([name, value]) => (Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 2, i: value });
/** Runs nodes [operator, inputs, output, attributes] on the input x, up to the output y, with and without optimisation. */
const run = async (optimisation, x, constants, nodes) => {
  const model = onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'probe',
      input: [{ name: 'x', type: { tensorType: { elemType: TYPES[x.type][0], shape: { dim: x.dims.map((dimValue) => ({ dimValue })) } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }],
      initializer: Object.entries(constants).map(([name, [type, dims, values]]) => ({
        name, dims, dataType: TYPES[type][0], rawData: Buffer.from(TYPES[type][1].from(values).buffer),
      })),
      node: nodes.map(([opType, input, output, attributes = {}]) => ({
        opType, input, output: [output], attribute: Object.entries(attributes).map(attribute),
      })),
    },
  }).finish();
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: optimisation, logSeverityLevel: 4 });
  const { y } = await session.run({ x });
  return { shape: y.dims.join(' x '), values: [...y.data].map((value) => +value.toPrecision(4) || 0).join(', ') };
};
const chain = (optimisation, shapeOfOne) =>
  run(
    optimisation,
    new ort.Tensor('float32', [2, 4, 8], [3]),
    { one: ['float32', shapeOfOne, [1]], w: ['float32', [3], [3, 3, 3]], axis: ['int64', [1], [0n]] },
    [
      ['Div', ['one', 'x'], 'reciprocal'],
      ['Mul', ['reciprocal', 'w'], 'product'],
      ['ReduceSum', ['product', 'axis'], 'y', { keepdims: 0 }],
    ],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const plain = (await chain('disabled', [1, 1])).values;
  const optimised = (await chain('all', [1, 1])).values;
  const flat = [(await chain('disabled', [1])).values, (await chain('all', [1])).values];
  console.log(`1 of shape [1, 1]: sum over axis 0 not optimised ${plain}; optimised ${optimised}`);
  console.log(`1 of shape [1]: not optimised ${flat[0]}; optimised ${flat[1]}`);
  if (plain !== '1.5, 0.75, 0.375' || flat[0] !== '2.625' || flat[1] !== flat[0])
    throw new Error('the unoptimised model is not what this probe expects');
  if (optimised !== '2.625') {
    console.error('The behaviour has changed: the dimension is kept.');
    process.exit(1);
  }
  console.log('Still so: optimisation loses a dimension.');
})();
EOF
node probe.cjs
