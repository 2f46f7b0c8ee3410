#!/usr/bin/env bash
# bmp-ts with toRGBA answers red, green, blue, alpha for pictures of 1, 24 and 32 bits, and alpha, blue, green, red for 4 and 8 bits.
#
# Package: bmp-ts 1.0.9. Any Node from 20.
#
# Expected: the documentation promises with toRGBA the order RGBA, which other libraries such as pngjs want, and without it ABGR.
# Seen: the pixel red 3, green 2, blue 1 is 3, 2, 1, x in that order for 1, 24 and 32 bits, but 0, 1, 2, 3 for 4 and 8 bits, with the
# option and without. With 1 and 24 bits the fourth number is 0, so the picture is transparent to whoever takes RGBA at its word; with 32 bits it
# is 255, whatever the file holds.
# Why it matters: which of two orders comes out depends on the depth of the file, so a folder of mixed pictures has red and alpha exchanged in some.
# A grey of 0 alpha composes to nothing, and alpha taken for red is 0.
# Output seen: 24 bits 3,2,1,0; 32 bits 3,2,1,255; 8 and 4 bits 0,1,2,3; 1 bit 3,2,1,0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund bmp-ts@1.0.9

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { decode } from 'bmp-ts';

console.log('bmp-ts', JSON.parse(readFileSync('node_modules/bmp-ts/package.json', 'utf8')).version);

/** A BMP file of one pixel, uncompressed; colours are blue, green, red. */
const bmp = (bits, row, palette = []) => {
  const head = Buffer.alloc(54 + palette.length);
  head.write('BM');
  head.writeUInt32LE(head.length + row.length, 2);
  head.writeUInt32LE(head.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(1, 18);
  head.writeInt32LE(1, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(palette.length / 4, 46);
  head.set(palette, 54);
  return Buffer.concat([head, Buffer.from(row)]);
};
const PALETTE = [1, 2, 3, 0, 9, 9, 9, 0];
const files = {
  1: bmp(1, [0, 0, 0, 0], PALETTE),
  4: bmp(4, [0, 0, 0, 0], PALETTE),
  8: bmp(8, [0, 0, 0, 0], PALETTE),
  24: bmp(24, [1, 2, 3, 0]),
  32: bmp(32, [1, 2, 3, 128]),
};
const seen = {};
for (const [bits, file] of Object.entries(files)) {
  seen[bits] = [...decode(file, { toRGBA: true }).data].join();
  console.log(`${bits} bits: ${seen[bits]} with toRGBA, ${[...decode(file).data].join()} without`);
}
if (![1, 24, 32].every((bits) => seen[bits].startsWith('3,2,1,'))) throw new Error('1, 24 and 32 bits are not in the order that this probe expects');
if (seen[4] !== '0,1,2,3' || seen[8] !== '0,1,2,3') {
  console.error('The behaviour has changed: 4 and 8 bits follow toRGBA.');
  process.exit(1);
}
console.log('Still so: 4 and 8 bits are ABGR, with toRGBA too.');
EOF
node probe.mjs
