#!/usr/bin/env bash
# readRGB of geotiff inverts a "white is zero" image by 256 - value: the whitest pixel wraps around to black.
#
# Package: geotiff 3.0.5. Any Node from 20.
#
# Expected: in a TIFF whose PhotometricInterpretation is 0 (WhiteIsZero) the sample 0 is white (255) and 255 is black (0).
# Seen: 0 becomes 0 (black), 1 becomes 255, 100 becomes 156, 255 becomes 1. The inversion subtracts from the number of levels instead of
# the largest level, and 256 does not fit into a byte. Anything that is fully white, such as paper or a mask's background, turns black
# while its neighbours stay right. BlackIsZero images are returned as they are.
# Why it matters: masks and scanned plates are often stored this way (it is the default of fax-like writers), and a mask whose background
# became foreground still looks like a mask.
# Output seen: samples 0,1,100,255 -> 0,255,156,1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund geotiff@3.0.5

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { fromArrayBuffer } from 'geotiff';

/** A TIFF of one row of bytes: a header, one directory, the samples. */
function tiff(samples, photometric) {
  const SHORT = 3, LONG = 4;
  const entries = [
    [256, LONG, samples.length], [257, LONG, 1], [258, SHORT, 8], [259, SHORT, 1], [262, SHORT, photometric],
    [273, LONG, 0], [277, SHORT, 1], [278, LONG, 1], [279, LONG, samples.length],
  ];
  const data = 8 + 2 + 12 * entries.length + 4;
  const view = new DataView(new ArrayBuffer(data + samples.length));
  [0x49, 0x49, 42, 0, 8, 0, 0, 0].forEach((byte, i) => view.setUint8(i, byte));
  view.setUint16(8, entries.length, true);
  entries.forEach(([tag, type, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, tag === 273 ? data : value, true);
  });
  samples.forEach((sample, i) => view.setUint8(data + i, sample));
  return view.buffer;
}

const samples = [0, 1, 100, 255];
const red = async (photometric) => {
  const image = await (await fromArrayBuffer(tiff(samples, photometric))).getImage();
  const rgb = await image.readRGB({ interleave: true });
  return samples.map((_, i) => rgb[3 * i]).join(',');
};

console.log('geotiff', JSON.parse(readFileSync('node_modules/geotiff/package.json')).version);
const blackIsZero = await red(1);
const whiteIsZero = await red(0);
console.log(`samples ${samples}: black is zero ${blackIsZero} | white is zero ${whiteIsZero} (right: 255,254,155,0)`);
if (blackIsZero !== samples.join(',')) throw new Error('BlackIsZero is not returned as it is, which this probe expects');
if (whiteIsZero !== '0,255,156,1') {
  console.error('The behaviour has changed: the whitest pixel no longer turns black.');
  process.exit(1);
}
console.log('Still so: white turns black, and black turns to 1.');
EOF
node probe.js
