#!/usr/bin/env bash
# A picture that Tensor.fromImage normalised to -1 to 1 comes back from toImageData all white, with the same normalisation.
#
# Package: onnxruntime-common 1.30.0, which onnxruntime-web and onnxruntime-node export, with @napi-rs/canvas 1.1.1 for the canvas of a browser. Any
# Node from 20.
#
# Expected: norm of toImageData is the same pair of mean and bias as that of fromImage, with the same words, and undoes it.
# Seen: fromImage computes (pixel + bias) / mean and toImageData (number - bias) * mean, which is its inverse only where the bias is 0. With mean
# 127.5 and bias -127.5 the pixels 0, 100, 255 are -1, -0.216, 1, and come back as 255, 255, 255. To undo it toImageData needs the bias -1, that is
# bias / mean.
# Why it matters: networks that make pictures (segmentation, super-resolution, style) take and give -1 to 1. A picture that is not white but merely
# too light, with a small bias, passes for the network's fault.
# Output seen: with bias 0 0, 100, 255; with bias -127.5 255, 255, 255; with bias -1 on the way back 0, 100, 255.
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

const ROW = [0, 100, 255];
const run = async (there, back) => {
  const data = Uint8ClampedArray.from(ROW.flatMap((grey) => [grey, grey, grey, 255]));
  const tensor = await Tensor.fromImage(new ImageData(data, ROW.length, 1), { norm: there });
  const numbers = [...tensor.data.slice(0, ROW.length)].map((number) => +number.toFixed(3));
  const picture = tensor.toImageData({ format: 'RGB', norm: back });
  const greys = ROW.map((_, i) => picture.data[i * 4]).join();
  console.log(`mean ${there.mean}, bias ${there.bias}: ${numbers.join()}; back with bias ${back.bias}: ${greys}`);
  return { numbers: numbers.join(), greys };
};

(async () => {
  console.log('onnxruntime-common', env.versions.common);
  const plain = await run({ mean: 127.5, bias: 0 }, { mean: 127.5, bias: 0 });
  const same = await run({ mean: 127.5, bias: -127.5 }, { mean: 127.5, bias: -127.5 });
  const inverse = await run({ mean: 127.5, bias: -127.5 }, { mean: 127.5, bias: -1 });
  if (plain.greys !== ROW.join() || same.numbers !== '-1,-0.216,1') throw new Error('the normalisation is not what this probe expects');
  if (same.greys !== '255,255,255' || inverse.greys !== ROW.join()) {
    console.error('The behaviour has changed: the normalisation is undone.');
    process.exit(1);
  }
  console.log('Still so: the same normalisation does not undo itself.');
})();
EOF
node probe.cjs
