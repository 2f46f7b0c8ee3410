#!/usr/bin/env bash
# Quantised to two colours, black and white become three, the third a yellow green of 188, 256, 128.
#
# Package: quantize 1.0.2. Any Node from 20.
#
# Expected: a palette of at most as many colours as asked for, each a mean of pixels of the picture, from 0 to 255.
# Seen: with fifty black and fifty white pixels, asked for two, it answers white, black, and 188, 256, 128, which no pixel is near to: a part of the
# colour cube without pixels is split off and gets its own centre. 256 is no byte. Plain 200, asked for two, gives three; four primary colours,
# asked for three, give four.
# Why it matters: palettes of drawings, masks and screenshots, which have few colours, contain invented ones, and 256, stored as a byte, is 0.
# Output seen: black and white for 2: 252,252,252 / 4,4,4 / 188,256,128.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund quantize@1.0.2

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const module_ = require('quantize');
const quantize = module_.default ?? module_;

console.log('quantize', JSON.parse(readFileSync('node_modules/quantize/package.json', 'utf8')).version);
const palette = (what, colours, wanted) => {
  const found = quantize(colours.flatMap((colour) => Array.from({ length: 50 }, () => colour)), wanted).palette();
  console.log(`${what}, ${wanted} asked for: ${found.map((colour) => colour.join(',')).join(' / ')}`);
  return found;
};
const two = palette('black and white', [[0, 0, 0], [255, 255, 255]], 2);
const greys = palette('10 and 200', [[10, 10, 10], [200, 200, 200]], 2);
const near = (list, level) => list.some((colour) => colour.every((value) => Math.abs(value - level) < 8));
if (!near(two, 0) || !near(two, 255) || !near(greys, 10) || !near(greys, 200)) throw new Error('the palettes are not what this probe expects');
const invented = (list) => list.some(([red, green, blue]) => Math.max(red, green, blue) - Math.min(red, green, blue) > 60);
if (two.length <= 2 || !two.flat().includes(256) || !invented(two) || !invented(greys)) {
  console.error('The behaviour has changed: two colours of greys are two greys.');
  process.exit(1);
}
console.log('Still so: there are more colours than asked for, and one is invented.');
EOF
node probe.cjs
