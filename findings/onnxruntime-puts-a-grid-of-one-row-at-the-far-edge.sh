#!/usr/bin/env bash
# AffineGrid of ONNX Runtime with align_corners places a single row or column at 1, the far edge, where PyTorch places it in the middle.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: "evenly spaced, with dimensions ranging from -1 to 1", after PyTorch's affine_grid, which the definition refers to: a direction with one
# position has it at 0, so that the identity keeps a picture of one row and takes the middle of a larger one.
# Seen: the identity gives 1 for every direction of size 1. Sampled from 3 x 3 pixels 1 to 9, an output of 1 x 1 is 9, one of 1 x 3 is 7, 8, 9.
# PyTorch gives 5 and 4, 5, 6. Without align_corners both give these, and sizes from 2 on agree.
# Why it matters: a crop of one row, a vector treated as a picture of height 1, or a spatial transformer reduced to one position reads the edge of
# the map; with rotations and shears also pixels outside. The exported network differs from the trained one only at such sizes.
# Output seen: 1 x 1: 9; 1 x 3: 7, 8, 9; 3 x 1: 3, 6, 9; 3 x 3: 1 to 9; without align_corners 5; 4, 5, 6; 2, 5, 8.
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
    opsetImport: [{ version: 20 }],
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
const sample = async (height, width, align_corners) =>
  (
    await run(
      'disabled',
      new ort.Tensor('float32', [1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]),
      { identity: ['float32', [1, 2, 3], [1, 0, 0, 0, 1, 0]], size: ['int64', [4], [1n, 1n, BigInt(height), BigInt(width)]] },
      [
        ['AffineGrid', ['identity', 'size'], 'grid', { align_corners }],
        ['GridSample', ['x', 'grid'], 'y', { align_corners }],
      ],
    )
  ).values;

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [];
  for (const [height, width] of [[1, 1], [1, 3], [3, 1], [3, 3]]) {
    seen.push([await sample(height, width, 0), await sample(height, width, 1)]);
    console.log(`${height} x ${width}: ${seen.at(-1)[0]}; with align_corners ${seen.at(-1)[1]}`);
  }
  const all = '1, 2, 3, 4, 5, 6, 7, 8, 9';
  if (seen.map(([plain]) => plain).join(' | ') !== `5 | 4, 5, 6 | 2, 5, 8 | ${all}` || seen[3][1] !== all)
    throw new Error('the other grids are not what this probe expects');
  if (seen.slice(0, 3).map(([, aligned]) => aligned).join(' | ') !== '9 | 7, 8, 9 | 3, 6, 9') {
    console.error('The behaviour has changed: a single row lies in the middle.');
    process.exit(1);
  }
  console.log('Still so: a single row lies at the far edge.');
})();
EOF
node probe.cjs
