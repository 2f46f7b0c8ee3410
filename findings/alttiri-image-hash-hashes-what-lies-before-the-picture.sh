#!/usr/bin/env bash
# @alttiri/image-hash hashes the beginning of the buffer behind a picture and not the picture.
#
# Package: @alttiri/image-hash 0.0.2-20241214. Any Node from 20.
#
# Expected: the hash of imageData.data. A typed array may be a part of a larger buffer: a frame of a film, a picture of a batch, or a small Buffer
# of Node, which lies in a pool that many share.
# Seen: the pixels are read by new DataView(data.buffer), without the offset of the array: as many bytes as the picture has, from the beginning of
# the buffer. The second of two pictures in a buffer has the hash of the first; a copy of it has its own.
# Why it matters: all pictures of a batch are duplicates of each other, with a distance of 0, and a search for near duplicates deletes them.
# Output seen: ramps up and down in one buffer: dHash ffffffffffffffff for both, 0000000000000000 for a copy of the second; aHash 0f0f... for both,
# f0f0... for the copy.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @alttiri/image-hash@0.0.2-20241214

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { aHash, bHash, dHash, mHash } from '@alttiri/image-hash';

console.log('@alttiri/image-hash', JSON.parse(readFileSync('node_modules/@alttiri/image-hash/package.json', 'utf8')).version);
const size = 16;
const bytes = size * size * 4;
const batch = new Uint8ClampedArray(2 * bytes).fill(255);
for (let pixel = 0; pixel < size * size; pixel++) {
  const grey = (pixel % size) * 16;
  batch.fill(grey, pixel * 4, pixel * 4 + 3);
  batch.fill(255 - grey, bytes + pixel * 4, bytes + pixel * 4 + 3);
}
const picture = (data) => ({ data, width: size, height: size });
const first = picture(batch.subarray(0, bytes));
const second = picture(batch.subarray(bytes));
const copy = picture(second.data.slice());
let still = true;
for (const hash of [dHash, aHash, mHash, bHash]) {
  const [up, down, copied] = [first, second, copy].map((image) => hash(image).hex);
  console.log(`${hash.name}: first ${up}, second ${down}, a copy of the second ${copied}`);
  if (up === copied) throw new Error('a copy is not what this probe expects');
  if (down !== up) still = false;
}
if (!still) {
  console.error('The behaviour has changed: the second picture has a hash of its own.');
  process.exit(1);
}
console.log('Still so: the second picture has the hash of the first.');
EOF
node probe.mjs
