#!/usr/bin/env bash
# hdrify writes pixels brighter than 65,519 into an EXR file as black, if the file is compressed.
#
# Package: hdrify 1.2.1. Any Node from 20.
#
# Expected: compressed files are of half floats, whose largest number is 65,504. What is larger becomes infinity by the rules of IEEE 754, which the source
# names, or is clamped to 65,504; "none" writes whole floats.
# Seen: 65,519 is written as 65,504, 65,520 and everything above as 0, with every compression (rle, zips, zip, piz, pxr24, b44, b44a, dwaa, dwab). zip is
# the default. Written with "none" the same picture is exact. There is no warning.
# Why it matters: the sun in a radiance map, and sums of activations, exceed the limit, and the brightest spot becomes a hole.
# Output seen: zip: 65504, 65504, 0, 0, 0 for 65504, 65519, 65520, 70000, 1000000; none: as given.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund hdrify@1.2.1

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { readExr, writeExr } from 'hdrify';

console.log('hdrify', JSON.parse(readFileSync('node_modules/hdrify/package.json', 'utf8')).version);
const levels = [1, 65504, 65519, 65520, 70000, 1e6];
const pixels = Float32Array.from(levels.flatMap((x) => [x, x, x, 1]));
const image = { width: levels.length, height: 1, data: pixels, linearColorSpace: 'linear-rec709', metadata: {} };
const there = (compression) => {
  const { data } = readExr(writeExr(image, compression ? { compression } : undefined));
  const back = levels.map((_, i) => data[4 * i]);
  console.log(`${compression ?? 'default'}: ${levels.map((x, i) => `${x} ${back[i]}`).join(', ')}`);
  return back.join();
};
const plain = there('none');
const others = ['zip', 'piz', 'b44', 'dwaa', undefined].map(there);
if (plain !== levels.join()) throw new Error('an uncompressed file is not what this probe expects');
if (others.some((back) => back !== '1,65504,65504,0,0,0')) {
  console.error('The behaviour has changed: what is too bright is not black.');
  process.exit(1);
}
console.log('Still so: what is too bright is black.');
EOF
node probe.js
