#!/usr/bin/env bash
# OneHot of ONNX Runtime gives a row without any 1 for an index of 1.9, instead of casting the index to an integer.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: "In case 'indices' is of non-integer type, the values will be casted to int64 value before use", so 1.9 is 1 and its row 0 1 0.
# Seen: 1.9, 1.0000001 and -0.5 give 0 0 0: the index is compared with 0, 1, 2 as a float, and whatever equals none of them is treated like an
# index out of range. depth, of which the definition says the same, is cast: 3.7 gives three columns.
# Why it matters: class maps that passed through a resize, a mean or a quantiser are floats a rounding beside an integer. Their pixels
# belong to no class at all; sums over classes fall short, and no error tells of it.
# Output seen: 1 -> 0,1,0; 1.9 -> 0,0,0; 1.0000001 -> 0,0,0; depth 3.7 -> 3 columns.
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
const value = (name, dims) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });

const oneHot = async (index) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'classes',
      input: [value('index', [1])],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: [
        { name: 'depth', dataType: FLOAT, dims: [], floatData: [3.7] },
        { name: 'values', dataType: FLOAT, dims: [2], floatData: [0, 1] },
      ],
      node: [{ opType: 'OneHot', input: ['index', 'depth', 'values'], output: ['y'] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { y } = await session.run({ index: new ort.Tensor('float32', [index], [1]) });
  console.log(`index ${index}: ${y.data.join()}`);
  return y.data.join();
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [await oneHot(1), await oneHot(1.9), await oneHot(1.0000001), await oneHot(-0.5)];
  if (seen.join(' ') !== '0,1,0 0,0,0 0,0,0 0,0,0') {
    console.error('The behaviour has changed: fractional indices are cast now, or whole ones are not found.');
    process.exit(1);
  }
  console.log('Still so: a fractional index has no 1, a fractional depth is cast.');
})();
EOF
node probe.cjs
