#!/usr/bin/env bash
# A BatchNormalization behind a transposed or reshaped matrix product scales its columns instead of its rows in ONNX Runtime.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: BatchNormalization takes its scale and bias by axis 1, whatever stands before it. Behind a Transpose axis 1 is the rows of the product.
# Seen: with optimisation (from "basic" on) scale and bias are multiplied into the columns of the weights, as if there were no Transpose. Transpose and
# Reshape between the two are looked through, and only the number of columns is compared with that of the scales, not which axis they have become: a
# product reshaped to 1 x 2 x 2 is normalised by column, where its rows are meant. Straight behind the product it is right.
# Why it matters: the optimiser is on by default. Square products, as many rows as columns, are what mixing of tokens or patches is made of; nothing
# but the numbers tells, and shapes stay as they were.
# Output seen: the product 1, 2, 3, 4 transposed, with scales 1 and 10: 1, 30, 2, 40; optimised 1, 3, 20, 40; reshaped to
# 1 x 2 x 2: 1, 2, 30, 40; optimised 1, 20, 3, 40.
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
const attribute = ([name, value]) => {
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  return Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 2, i: value };
};
/** Runs nodes [operator, inputs, output, attributes] on tensors up to the output y, with and without optimisation. */
const run = async (optimisation, feeds, constants, nodes) => {
  const model = onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'probe',
      input: Object.entries(feeds).map(([name, { type, dims }]) => ({
        name, type: { tensorType: { elemType: TYPES[type][0], shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
      })),
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
  const { y } = await session.run(feeds);
  return `${y.dims.join(' x ')}: ${[...y.data].map((value) => +value.toPrecision(4) || 0).join(', ')}`;
};
const product = (optimisation, between) =>
  run(
    optimisation,
    { x: new ort.Tensor('float32', [1, 2, 3, 4], [2, 2]) },
    {
      weights: ['float32', [2, 2], [1, 0, 0, 1]],
      scale: ['float32', [2], [1, 10]],
      zeros: ['float32', [2], [0, 0]],
      ones: ['float32', [2], [1, 1]],
      shape: ['int64', [3], [1n, 2n, 2n]],
    },
    [['MatMul', ['x', 'weights'], 'm'], ...between, ['BatchNormalization', [between.length ? 't' : 'm', 'scale', 'zeros', 'zeros', 'ones'], 'y']],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = {};
  for (const [what, between] of [
    ['straight behind', []],
    ['transposed', [['Transpose', ['m'], 't', { perm: [1, 0] }]]],
    ['reshaped', [['Reshape', ['m', 'shape'], 't']]],
  ]) {
    seen[what] = [await product('disabled', between), await product('all', between)];
    console.log(`${what}: not optimised ${seen[what][0]}; optimised ${seen[what][1]}`);
  }
  // By hand: rows or columns of the product [[1, 2], [3, 4]], whichever is axis 1, times 1 and 10.
  if (seen['straight behind'].some((text) => text !== '2 x 2: 1, 20, 3, 40') || seen.transposed[0] !== '2 x 2: 1, 30, 2, 40')
    throw new Error('the other models are not what this probe expects');
  if (seen.transposed[1] === seen.transposed[0] || seen.reshaped[1] === seen.reshaped[0]) {
    console.error('The behaviour has changed: the scales go to axis 1.');
    process.exit(1);
  }
  console.log('Still so: the scales go to the columns of the product.');
})();
EOF
node probe.cjs
