#!/usr/bin/env bash
# rgbToGrayscale of TensorFlow.js lowers every grey of an integer image by one level: 255 becomes 254, 1 becomes 0.
#
# Package: @tensorflow/tfjs 4.22.0, its plain JavaScript back end. Any Node from 20.
#
# Expected: where red, green and blue are equal, the grey value is that value: the weights of a luminance sum to one.
# Seen: the weights are 0.2989, 0.5870 and 0.1140, which sum to 0.9999, and the product is cut, not rounded, for integer tensors. So every
# level from 1 to 255 loses one. In float tensors the error is 0.0255 at white. (torchvision 0.14.1 answers 254, 99 and 0 for 255, 100 and
# 1 as well; Pillow keeps them.)
# Why it matters: a grey test image sent through "convert to grey" is no longer the same image, and a comparison of a pipeline in the
# browser with Pillow is off by one in all pixels that should be exact.
# Output seen: int32 255 -> 254, 100 -> 99, 1 -> 0, 0 -> 0; float 255 -> 254.9745.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat > probe.cjs <<'EOF'
console.info = console.warn = () => {}; // the library greets whoever loads it in Node
const tf = require('@tensorflow/tfjs');
tf.setBackend('cpu');

const greyOf = (level, type) => tf.image.rgbToGrayscale(tf.tensor([level, level, level], [1, 1, 3], type)).dataSync()[0];

console.log('@tensorflow/tfjs', tf.version.tfjs);
const levels = Array.from({ length: 256 }, (_, level) => level);
const lowered = levels.filter((level) => greyOf(level, 'int32') === level - 1);
for (const level of [255, 100, 1, 0]) console.log(`int32 ${level} -> ${greyOf(level, 'int32')}`);
console.log('float32 255 ->', greyOf(255, 'float32').toFixed(4));
console.log(`${lowered.length} of the 255 levels above black lose one`);
if (lowered.length !== 255 || Math.abs(greyOf(255, 'float32') - 254.9745) > 0.001) {
  console.error('The behaviour has changed: greys are no longer lowered by one level.');
  process.exit(1);
}
console.log('Still so: no grey above black survives its conversion to grey.');
EOF
node probe.cjs
