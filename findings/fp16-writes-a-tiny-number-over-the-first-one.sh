#!/usr/bin/env bash
# fp16 writes what is too small for a half float to the beginning of the view, whatever the offset, and leaves the place it was meant for as it was.
#
# Package: fp16 1.0.0. Any Node from 20.
#
# Expected: "the analogous methods for float16s" of DataView's setFloat32 (README): setFloat16(view, offset, value) writes two bytes at offset. 1e-9
# rounds to 0.
# Seen: below 2^-25 the branch for underflow calls setUint16(0, ...) and not setUint16(offset, ...). The first element of the view becomes 0 or -0,
# and the element itself keeps its former bits. From 2^-25 on the offset is right.
# Why it matters: gradients, softmax outputs and weights are full of numbers that small. Written one after another, each of them destroys the first
# number of the tensor, and in a buffer that is used again the old number stays in place of 0.
# Output seen: 1, 2, 1e-9, 4 into a view of sevens comes back as 0, 2, 7, 4; 1, 2, 1e-7, 4 as 1, 2, 1.19e-7, 4.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fp16@1.0.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { getFloat16, setFloat16 } from 'fp16';

console.log('fp16', JSON.parse(readFileSync('node_modules/fp16/package.json', 'utf8')).version);
const through = (numbers) => {
  const view = new DataView(new ArrayBuffer(2 * numbers.length));
  numbers.forEach((_, index) => setFloat16(view, 2 * index, 7));
  numbers.forEach((number, index) => setFloat16(view, 2 * index, number));
  return numbers.map((_, index) => getFloat16(view, 2 * index));
};
const subnormal = through([1, 2, 1e-7, 4]);
const tiny = through([1, 2, 1e-9, 4]);
console.log('1, 2, 1e-7, 4 into a view of sevens:', subnormal.join(', '));
console.log('1, 2, 1e-9, 4 into a view of sevens:', tiny.join(', '));
if (subnormal.join() !== [1, 2, 2 ** -23, 4].join()) throw new Error('a subnormal number is not what this probe expects');
if (tiny.join() !== '0,2,7,4') {
  console.error('The behaviour has changed: a tiny number is written elsewhere.');
  process.exit(1);
}
console.log('Still so: a tiny number is written over the first one.');
EOF
node probe.mjs
