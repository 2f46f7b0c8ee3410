#!/usr/bin/env bash
# mat-for-js reads a MATLAB array of 2 x 3 x 2 with the second plane taken from the first.
#
# Package: mat-for-js 1.1.0. Any Node from 20.
#
# Expected: element (i, j, k) of an array of 2 x 3 x 2 is number i + 2 j + 6 k of the file: MAT-files are "column-major", and the code "constructs
# the multidimensional array" (its comment). Two dimensions are right.
# Seen: the place is i + 2 j + 3 k: each index is multiplied by the size before it and not by the product of all sizes before it. The second plane
# of 1, 2, ... 12 is 4, 6, 8 and 5, 7, 9 instead of 7, 9, 11 and 8, 10, 12. The last three numbers of the file are never read.
# Why it matters: pictures, volumes and weights in MAT-files have three and four dimensions. Shape and range are right, so that a look at the sizes
# finds nothing.
# Output seen: 2 x 3: [[1,3,5],[2,4,6]]; 2 x 3 x 2: [[[1,4],[3,6],[5,8]],[[2,5],[4,7],[6,9]]].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund mat-for-js@1.1.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { read } from 'mat-for-js';

console.log('mat-for-js', JSON.parse(readFileSync('node_modules/mat-for-js/package.json', 'utf8')).version);
// A MAT-file of level 5 with one array of doubles, x, that counts from 1 in the order of the file.
const file = (sizes) => {
  const count = sizes.reduce((product, size) => product * size, 1);
  const sizeBytes = Math.ceil(sizes.length / 2) * 8;
  const body = 16 + 8 + sizeBytes + 16 + 8 + 8 * count;
  const view = new DataView(new ArrayBuffer(128 + 8 + body));
  view.setUint16(124, 0x0100, true);
  view.setUint16(126, 0x4d49, true);
  let at = 128;
  const word = (value) => {
    view.setUint32(at, value, true);
    at += 4;
  };
  [14, body, 6, 8, 6, 0, 5, 4 * sizes.length].forEach(word);
  sizes.forEach((size, index) => view.setUint32(at + 4 * index, size, true));
  at += sizeBytes;
  [1, 1].forEach(word);
  view.setUint8(at, 'x'.charCodeAt(0));
  at += 8;
  [9, 8 * count].forEach(word);
  for (let index = 0; index < count; index++) view.setFloat64(at + 8 * index, index + 1, true);
  return view.buffer;
};
const [flat, deep] = [[2, 3], [2, 3, 2]].map((sizes) => {
  const seen = JSON.stringify(read(file(sizes)).data.x);
  console.log(`${sizes.join(' x ')}: ${seen}`);
  return seen;
});
if (flat !== '[[1,3,5],[2,4,6]]') throw new Error('two dimensions are not what this probe expects');
if (deep !== '[[[1,4],[3,6],[5,8]],[[2,5],[4,7],[6,9]]]') {
  console.error('The behaviour has changed: three dimensions are read otherwise.');
  process.exit(1);
}
console.log('Still so: the planes of three dimensions are mixed.');
EOF
node probe.mjs
