#!/usr/bin/env bash
# Tensor.fromImage of ONNX Runtime's JavaScript API cuts a picture to resizedWidth and resizedHeight instead of resizing it.
#
# Package: onnxruntime-common 1.30.0, which onnxruntime-web and onnxruntime-node export, with @napi-rs/canvas 1.1.1 for the canvas of a browser. Any
# Node from 20.
#
# Expected: resizedHeight "describes the resized height. If omitted, original height will be used", and resizedWidth likewise, so that 8 x 2 pixels
# become 4 x 1 that show the whole picture.
# Seen: the tensor holds the upper left 4 x 1 pixels. A larger size does not enlarge either: 16 x 4 is the picture in a corner, and black around it.
# drawImage of the canvas with a target size, which the function does not use, halves the same picture rightly.
# Why it matters: the option is there to bring a photo to the 224 x 224 of a network. The shape is right, and the network sees the upper left corner
# of the photo.
# Output seen: 0, 30, ... 210 resized to four: 0, 30, 60, 90 (drawImage: about 15, 75, 135, 195); to 16 columns: eight numbers and eight zeros.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-common@1.30.0 @napi-rs/canvas@1.1.1

cat > probe.cjs <<'EOF'
const { createCanvas, ImageData } = require('@napi-rs/canvas');

// What a browser has and Node has not; the functions look for these names.
globalThis.ImageData = ImageData;
globalThis.OffscreenCanvas = class {
  constructor(width, height) {
    return createCanvas(width, height);
  }
  static [Symbol.hasInstance]() {
    return true;
  }
};
const { Tensor, env } = require('onnxruntime-common');

const ROW = [0, 30, 60, 90, 120, 150, 180, 210];
const HEIGHT = 2;
const picture = () => {
  const data = new Uint8ClampedArray(ROW.length * HEIGHT * 4);
  for (let i = 0; i < ROW.length * HEIGHT; i++) data.set([ROW[i % ROW.length], ROW[i % ROW.length], ROW[i % ROW.length], 255], i * 4);
  return new ImageData(data, ROW.length, HEIGHT);
};
const reds = async (options) => {
  const tensor = await Tensor.fromImage(picture(), options);
  const [, , height, width] = tensor.dims;
  const row = [...tensor.data.slice(0, width)].map((number) => Math.round(number * 255));
  console.log(`${width} x ${height}: ${row}`);
  return row.join();
};

(async () => {
  console.log('onnxruntime-common', env.versions.common);
  const full = await reds({});
  const half = await reds({ resizedWidth: 4, resizedHeight: 1 });
  const double = await reds({ resizedWidth: 16, resizedHeight: 4 });
  const source = createCanvas(ROW.length, HEIGHT);
  source.getContext('2d').putImageData(picture(), 0, 0);
  const target = createCanvas(4, 1).getContext('2d');
  target.drawImage(source, 0, 0, 4, 1);
  const drawn = [0, 1, 2, 3].map((i) => target.getImageData(0, 0, 4, 1).data[i * 4]);
  console.log(`drawn 4 x 1: ${drawn}`);
  if (full !== ROW.join() || drawn.some((number, i) => Math.abs(number - (15 + 60 * i)) > 16)) throw new Error('the canvas is not what this probe expects');
  if (half !== ROW.slice(0, 4).join() || double !== [...ROW, ...Array(8).fill(0)].join()) {
    console.error('The behaviour has changed: pictures are resized.');
    process.exit(1);
  }
  console.log('Still so: resizing cuts.');
})();
EOF
node probe.cjs
