#!/usr/bin/env bash
# Floyd-Steinberg dithering of canvas-dither makes a plain grey of 128 a pattern whose mean is 120, at any size.
#
# Package: canvas-dither 1.0.1. Any Node from 20.
#
# Expected: the method passes the whole error of a pixel on to its neighbours, in shares of 7, 3, 5 and 1 sixteenth, so that the mean of a region stays
# what it was but for what leaves at the edges.
# Seen: the error is divided by 16 and cut down to a whole number first, so up to 15 levels of it are lost at every pixel, always downwards: 7 to 9 on
# average. 64 becomes 57, 200 191 and 240 231, for 64 x 64 pixels as for 512 x 512. Ordered dithering by the same package keeps the mean of 128.
# Why it matters: dithered pictures are the input of networks with one bit, and their mean is what the first layer sees: the darkening is 3 % of the
# range.
# Output seen: 512 x 512: 64 57.16, 128 119.97, 200 191.25, 240 231.41; ordered dithering of 128: 127.50; 256 x 256 with the whole error 128: 127.92.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund canvas-dither@1.0.1

cat > probe.cjs <<'EOF'
const Dither = require('canvas-dither');

console.log('canvas-dither', require('canvas-dither/package.json').version);
const SIDE = 256;
const plain = (grey) => {
  const data = new Uint8ClampedArray(4 * SIDE * SIDE).fill(255);
  for (let i = 0; i < data.length; i++) if (i % 4 !== 3) data[i] = grey;
  return { data, width: SIDE, height: SIDE };
};
const mean = ({ data }) => data.reduce((sum, x, i) => sum + (i % 4 === 0 ? x : 0), 0) / (SIDE * SIDE);
/** Floyd and Steinberg's method with the whole error. */
const whole = (grey) => {
  const rows = Array.from({ length: SIDE + 1 }, () => new Float64Array(SIDE + 2).fill(grey));
  let sum = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 1; x <= SIDE; x++) {
      const value = rows[y][x] < 128 ? 0 : 255;
      const error = rows[y][x] - value;
      sum += value;
      rows[y][x + 1] += (error * 7) / 16;
      rows[y + 1][x - 1] += (error * 3) / 16;
      rows[y + 1][x] += (error * 5) / 16;
      rows[y + 1][x + 1] += error / 16;
    }
  }
  return sum / (SIDE * SIDE);
};
const lost = [64, 128, 200, 240].map((grey) => {
  const seen = mean(Dither.floydsteinberg(plain(grey)));
  console.log(`${grey}: ${seen.toFixed(2)} (whole errors: ${whole(grey).toFixed(2)})`);
  if (Math.abs(whole(grey) - grey) > 1) throw new Error('whole errors do not keep the mean');
  return grey - seen;
});
const ordered = mean(Dither.bayer(plain(128), 128));
console.log(`ordered dithering of 128: ${ordered.toFixed(2)}`);
if (Math.abs(ordered - 128) > 1) throw new Error('ordered dithering is not what this probe expects');
if (lost.some((levels) => levels < 5)) {
  console.error('The behaviour has changed: the mean is kept.');
  process.exit(1);
}
console.log('Still so: greys lose seven to nine levels.');
EOF
node probe.cjs
