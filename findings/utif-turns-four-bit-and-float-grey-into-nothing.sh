#!/usr/bin/env bash
# UTIF.toRGBA8 gives transparent black for grey TIFF of 4 bits or of floats, and for 16 bits where 0 is white; 4 bits where 0 is white are right.
#
# Package: utif 3.1.0. Any Node from 20.
#
# Expected: "converts any TIFF image into a 8-bit RGBA image", or an error, as it logs one for photometric interpretations that it does not know.
# Seen: grey of 1, 2, 8 and 16 bits comes out right if 0 is black, of 1, 4 and 8 bits if 0 is white. The other combinations, and floats of 32 bits,
# leave the array as it was made: every pixel (0, 0, 0, 0). No error and no message.
# Why it matters: 4 bits are baseline TIFF, where every reader must know them with either meaning of 0, and scientific maps are floats. A map drawn
# so on a canvas is invisible, and one whose alpha is dropped is black.
# Output seen: codes 8 and 15 of 4 bits: (0, 0, 0, 0) twice; the same with 0 as white: 119, 0, opaque; floats 0.5 and 1: (0, 0, 0, 0) twice.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund utif@3.1.0

cat > probe.cjs <<'EOF'
const UTIF = require('utif');

console.log('utif', require('utif/package.json').version);
/** A little-endian grey TIFF of two pixels in one row; whiteIsZero and the format of samples (1 integers, 3 floats) as in the standard. */
const tiff = (bits, data, { blackIsZero = 1, format = 1 } = {}) => {
  const tags = [
    [256, 3, 2], [257, 3, 1], [258, 3, bits], [259, 3, 1], [262, 3, blackIsZero], [273, 4, 8 + 2 + 10 * 12 + 4], [277, 3, 1], [278, 3, 1],
    [279, 4, data.length], [339, 3, format],
  ];
  const file = Buffer.alloc(8 + 2 + tags.length * 12 + 4);
  file.write('II*');
  file.writeUInt32LE(8, 4);
  file.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, type, value], i) => {
    file.writeUInt16LE(tag, 10 + 12 * i);
    file.writeUInt16LE(type, 12 + 12 * i);
    file.writeUInt32LE(1, 14 + 12 * i);
    file.writeUInt32LE(value, 18 + 12 * i);
  });
  return Uint8Array.from(Buffer.concat([file, Buffer.from(data)])).buffer;
};
const read = (name, ...rest) => {
  const file = tiff(...rest);
  const [page] = UTIF.decode(file);
  UTIF.decodeImage(file, page);
  const pixels = [...UTIF.toRGBA8(page)].join();
  console.log(`${name}: ${pixels}`);
  return pixels;
};
const right = [
  read('8 bits, 136 and 255', 8, [136, 255]),
  read('16 bits, 34952 and 65535', 16, [136, 136, 255, 255]),
  read('4 bits, 8 and 15, 0 is white', 4, [0x8f], { blackIsZero: 0 }),
];
const wrong = [
  read('4 bits, 8 and 15, 0 is black', 4, [0x8f]),
  read('16 bits, 0 is white', 16, [136, 136, 255, 255], { blackIsZero: 0 }),
  read('floats 0.5 and 1', 32, new Uint8Array(new Float32Array([0.5, 1]).buffer), { format: 3 }),
];
const opaque = '136,136,136,255,255,255,255,255';
if (right.join(' ') !== `${opaque} ${opaque} 119,119,119,255,0,0,0,255`) throw new Error('the other kinds are not what this probe expects');
if (wrong.some((pixels) => pixels !== '0,0,0,0,0,0,0,0')) {
  console.error('The behaviour has changed: these greys are converted too.');
  process.exit(1);
}
console.log('Still so: these greys come out as nothing.');
EOF
node probe.cjs
