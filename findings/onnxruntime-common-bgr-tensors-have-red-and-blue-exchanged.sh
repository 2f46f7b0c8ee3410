#!/usr/bin/env bash
# toImageData of ONNX Runtime's JavaScript API accepts the format BGR and reads it as RGB; RBG, which it can read, it refuses.
#
# Package: onnxruntime-common 1.30.0, which onnxruntime-web and onnxruntime-node export, with @napi-rs/canvas 1.1.1 for the canvas of a browser. Any
# Node from 20.
#
# Expected: fromImage with tensorFormat BGR puts blue first, and toImageData with format BGR takes it from there.
# Seen: (200, 100, 50) goes into the tensor as 50, 100, 200 and comes back as (50, 100, 200). RGB comes back unchanged, with format BGR too, which
# makes no difference. With the format RBG, the other order that fromImage writes, toImageData throws "Tensor format doesn't match input tensor dims".
# Why it matters: networks from Caffe and OpenCV take BGR. Overlays and results are drawn with red and blue exchanged, which in a photo of greens and
# greys is easily overlooked; the tensor itself is right.
# Output seen: BGR there and back 50, 100, 200 for 200, 100, 50; a tensor of RGB is drawn alike with both formats; RBG is refused.
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

const PIXEL = [200, 100, 50];
const run = async (tensorFormat, format) => {
  const tensor = await Tensor.fromImage(new ImageData(Uint8ClampedArray.of(...PIXEL, 255), 1, 1), { tensorFormat });
  const numbers = [...tensor.data].map((number) => Math.round(number * 255)).join();
  let back;
  try {
    back = [...tensor.toImageData({ format }).data.slice(0, 3)].join();
  } catch (error) {
    back = error.message;
  }
  console.log(`fromImage ${tensorFormat}: ${numbers}; toImageData ${format}: ${back}`);
  return { numbers, back };
};

(async () => {
  console.log('onnxruntime-common', env.versions.common);
  const rgb = await run('RGB', 'RGB');
  const bgr = await run('BGR', 'BGR');
  const mixed = await run('RGB', 'BGR');
  const rbg = await run('RBG', 'RBG');
  if (rgb.back !== '200,100,50' || bgr.numbers !== '50,100,200' || rbg.numbers !== '200,50,100') throw new Error('the tensors are not what this probe expects');
  if (bgr.back !== '50,100,200' || mixed.back !== '200,100,50' || !rbg.back.includes("doesn't match")) {
    console.error('The behaviour has changed: BGR is read as such.');
    process.exit(1);
  }
  console.log('Still so: BGR is read as RGB.');
})();
EOF
node probe.cjs
