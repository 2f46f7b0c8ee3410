#!/usr/bin/env bash
# Jimp reads run-length encoded BMP pictures with blue in the place of green, and without red and blue.
#
# Package: jimp 1.6.1, which decodes with bmp-ts 1.0.9. Any Node from 20.
#
# Expected: BMP pictures with a palette may be run-length encoded (BI_RLE8, BI_RLE4), and bmp-ts lists both among its supported methods. Pixels
# of the palette colour red 6, green 5, blue 4 are 6, 5, 4 however they are stored.
# Seen: uncompressed they are 6, 5, 4, with 8 and with 4 bits. Run-length encoded they are 0, 4, 0: only the blue part of the colour arrives, and in
# the place of green. There is no error, and shapes are right.
# Why it matters: scanners, old screenshots and data sets of the nineties hold such files. A network gets a green picture with wrong
# brightness in place of a coloured one, and a picture whose palette has no blue comes out black.
# Output seen: plain 6,5,4,255; RLE8 and RLE4 0,4,0,255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "overrides": { "bmp-ts": "1.0.9" } }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jimp@1.6.1

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { Jimp } from 'jimp';

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log('jimp', version('jimp'), 'with bmp-ts', version('bmp-ts'));

/** A BMP file of 4 x 1 pixels with a palette of two colours, each blue, green, red, zero. */
const bmp = (bits, compression, pixels) => {
  const palette = Buffer.from([1, 2, 3, 0, 4, 5, 6, 0]);
  const head = Buffer.alloc(54);
  head.write('BM');
  head.writeUInt32LE(head.length + palette.length + pixels.length, 2);
  head.writeUInt32LE(head.length + palette.length, 10);
  head.writeUInt32LE(40, 14);
  head.writeInt32LE(4, 18);
  head.writeInt32LE(1, 22);
  head.writeUInt16LE(1, 26);
  head.writeUInt16LE(bits, 28);
  head.writeUInt32LE(compression, 30);
  head.writeUInt32LE(pixels.length, 34);
  head.writeUInt32LE(2, 46);
  return Buffer.concat([head, palette, Buffer.from(pixels)]);
};
const first = async (name, file) => {
  const colour = [...(await Jimp.read(file)).bitmap.data].slice(0, 4).join();
  console.log(`${name}: ${colour}`);
  return colour;
};
const plain = [await first('8 bits, plain', bmp(8, 0, [1, 1, 1, 1])), await first('4 bits, plain', bmp(4, 0, [0x11, 0x11, 0, 0]))];
// A run of four pixels of colour 1, and the mark of the end of the picture.
const runs = [await first('8 bits, runs ', bmp(8, 1, [4, 1, 0, 1])), await first('4 bits, runs ', bmp(4, 2, [4, 0x11, 0, 1]))];
if (plain.some((colour) => colour !== '6,5,4,255')) throw new Error('plain pictures are not read as this probe expects');
if (runs.some((colour) => colour !== '0,4,0,255')) {
  console.error('The behaviour has changed: run-length encoded pictures have other colours.');
  process.exit(1);
}
console.log('Still so: run-length encoded pictures are green.');
EOF
node probe.mjs
