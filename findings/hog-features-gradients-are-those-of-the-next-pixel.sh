#!/usr/bin/env bash
# hog-features has two functions for the gradient of an image, and one of them answers with the gradient of the pixel to the right, and NaN at the end.
#
# Package: hog-features 1.0.0 with image-js 0.35.6 (it takes the images of that line). Any Node from 20.
#
# Expected: gradients() and gradientVectors() of a grey image agree: the x component of a vector is the x gradient.
# Seen: gradients() asks each grey pixel for its channel 1. It has channel 0 only, and what follows it in memory is the next pixel; so all is shifted by
# one to the left, each row ends with the beginning of the next, and the last pixel of the image gives NaN. gradientVectors(), from which the descriptor
# is made, asks for channel 0.
# Why it matters: who draws the gradients beside the descriptor, or weights regions by them, is one pixel off and loses the sum of the picture to NaN.
# Output seen: rows 0, 10, 30, 60: gradients 30, 50, -30, -60 and one NaN; vectors 10, 30, 50, -30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund hog-features@1.0.0 image-js@0.35.6

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { Image } = require('image-js');
const hog = require('hog-features');

console.log('hog-features', JSON.parse(readFileSync('node_modules/hog-features/package.json', 'utf8')).version);
const row = [0, 10, 30, 60];
const image = new Image(4, 4, Uint8Array.from([...row, ...row, ...row, ...row]), { kind: 'GREY' });
const grey = (x) => Math.round(x * 255);
const plain = hog.gradients(image).x.map((line) => line.map(grey));
const vectors = hog.gradientVectors(image).map((line) => line.map(({ mag, orient }) => grey(mag * Math.cos(orient))));
console.log(`rows of ${row.join()}`);
console.log(`gradients:       ${plain[1].join()}, last row ${plain[3].join()}`);
console.log(`gradientVectors: ${vectors[1].join()}, last row ${vectors[3].join()}`);
if (vectors[1].join() !== '10,30,50,-30') throw new Error('the vectors are not what this probe expects');
if (plain[1].join() !== '30,50,-30,-60' || !plain[3].some(Number.isNaN)) {
  console.error('The behaviour has changed: both functions agree.');
  process.exit(1);
}
console.log('Still so: one function is a pixel ahead of the other.');
EOF
node probe.cjs
