#!/usr/bin/env bash
# Resize with tf_crop_and_resize ignores its region in ONNX Runtime when the output happens to be as large as the input.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the region, in fractions of the input, is cut out and brought to the output size, whatever that is. The right half of
# [10, 20, 30, 40] has 25 at its left end and 40 at its right end.
# Seen: 3 numbers: 25, 32.5, 40. 5 numbers: 25, 28.75, ... 40. 4 numbers: 10, 20, 30, 40, the input itself: equal sizes are taken for
# "nothing to do". A region from 1 to 0 mirrors the row, unless the size stays.
# Why it matters: zooming into a picture and keeping its size is what this mode is for (test-time crops, flips, spatial attention). In a
# sweep over output sizes one size alone shows the uncropped picture.
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

const FLOAT = 1, INT64 = 7;
const value = (name, width) => ({
  name, type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, 1, width].map((dimValue) => ({ dimValue })) } } },
});

/** The part of [10, 20, 30, 40] from `start` to `end`, as `width` numbers. */
const crop = async (start, end, width) => {
  const text = (name, s) => ({ name, type: 3, s: Buffer.from(s) });
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 18 }],
    graph: {
      name: 'crop',
      input: [value('x', 4)],
      output: [value('y', width)],
      initializer: [
        { name: 'region', dataType: FLOAT, dims: [8], floatData: [0, 0, 0, start, 1, 1, 1, end] },
        { name: 'sizes', dataType: INT64, dims: [4], int64Data: [1, 1, 1, width] },
      ],
      node: [{
        opType: 'Resize', input: ['x', 'region', '', 'sizes'], output: ['y'],
        attribute: [text('mode', 'linear'), text('coordinate_transformation_mode', 'tf_crop_and_resize')],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { y } = await session.run({ x: new ort.Tensor('float32', [10, 20, 30, 40], [1, 1, 1, 4]) });
  console.log(`from ${start} to ${end}, ${width} numbers: ${[...y.data].map((v) => +v.toFixed(3))}`);
  return [...y.data];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const three = await crop(0.5, 1, 3);
  const four = await crop(0.5, 1, 4);
  const five = await crop(0.5, 1, 5);
  const mirrored = await crop(1, 0, 7);
  const kept = await crop(1, 0, 4);
  const cropped = three[0] === 25 && five[0] === 25 && mirrored[0] === 40;
  if (!cropped || four.join() !== '10,20,30,40' || kept.join() !== '10,20,30,40') {
    console.error('The behaviour has changed: the region counts at every size, or at none.');
    process.exit(1);
  }
  console.log('Still so: the region is ignored for the size of the input, and for that size alone.');
})();
EOF
node probe.cjs
