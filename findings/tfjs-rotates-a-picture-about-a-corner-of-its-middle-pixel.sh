#!/usr/bin/env bash
# Turning a square image by 90 degrees in TensorFlow.js loses a row: the default centre of 0.5 is no centre of the pixels.
#
# Package: @tensorflow/tfjs 4.22.0, its plain JavaScript back end. Any Node from 20.
#
# Expected: rotateWithOffset of a 3 x 3 image by a quarter turn about the documented default centre of 0.5 gives the nine numbers in new
# places: 3 6 9 / 2 5 8 / 1 4 7.
# Seen: 0 0 0 / 3 6 9 / 2 5 8. The centre is a fraction of the *width*, used as a pixel index: 0.5 * 3 = 1.5, half a pixel right of and
# below the middle pixel. A quarter turn shifts by one pixel, a half turn shifts by one in both directions. The value for a true centre
# is (width - 1) / (2 * width): 1/3 for three pixels, and another one for each size.
# Why it matters: augmented images and masks turned by another library no longer lie on one another, by up to 1.4 pixels, and
# the fill colour enters at two edges.
# Output seen: 0.5: 0,0,0,3,6,9,2,5,8; 1/3: 3,6,9,2,5,8,1,4,7; half turn with 0.5: 0,0,0,0,9,8,0,6,5.
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

const image = tf.tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 3, 3, 1]);
const turn = (radians, centre) => [...tf.image.rotateWithOffset(image, radians, 0, centre).dataSync()].join(',');

console.log('@tensorflow/tfjs', tf.version.tfjs);
const quarter = turn(Math.PI / 2);
const half = turn(Math.PI);
const aboutTheMiddlePixel = turn(Math.PI / 2, 1 / 3);
console.log('quarter turn, default centre', quarter);
console.log('half turn, default centre   ', half);
console.log('quarter turn, centre 1/3    ', aboutTheMiddlePixel);
if (aboutTheMiddlePixel !== '3,6,9,2,5,8,1,4,7') throw new Error('a turn about the middle pixel is not what this probe expects');
if (quarter !== '0,0,0,3,6,9,2,5,8' || half !== '0,0,0,0,9,8,0,6,5') {
  console.error('The behaviour has changed: the default centre no longer shifts the image.');
  process.exit(1);
}
console.log('Still so: a quarter turn about the default centre loses a row.');
EOF
node probe.cjs
