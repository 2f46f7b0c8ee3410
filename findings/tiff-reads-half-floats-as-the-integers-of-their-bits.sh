#!/usr/bin/env bash
# The decoder `tiff` ignores the sample format of 8- and 16-bit images: half floats and signed numbers come out as unsigned integers.
#
# Package: tiff 7.1.3 (the TIFF reader of image-js). Any Node from 20.
#
# Expected: SampleFormat 3 (floating point) with 16 bits is a half float, SampleFormat 2 is a signed integer; what a decoder does not know
# it refuses, as this one does for integers of 32 bits.
# Seen: the half floats 0, 0.25, 0.5, 1 are returned as 0, 13312, 14336, 15360 in a Uint16Array, and the signed numbers -32768, -1, 0,
# 32767 as 32768, 65535, 0, 32767. The field `sampleFormat` of the result has the right value, but the data does not follow it. With 32
# bits the field is obeyed.
# Why it matters: feature maps and depth maps are often stored as 16 bits. Read so they are still ordered almost right (the bits of positive
# half floats grow with their value), so a picture of them looks plausible; every number is wrong.
# Output seen: half 0,13312,14336,15360; signed 32768,65535,0,32767; single 0,0.25,0.5,1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund tiff@7.1.3

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { decode } from 'tiff';

/** A little-endian TIFF of one grey row: a header, one directory, the samples. */
function file(samples, sampleFormat) {
  const SHORT = 3, LONG = 4;
  const bytes = new Uint8Array(samples.buffer);
  const bits = 8 * samples.BYTES_PER_ELEMENT;
  const entries = [
    [256, LONG, samples.length], [257, LONG, 1], [258, SHORT, bits], [259, SHORT, 1], [262, SHORT, 1],
    [273, LONG, 0], [277, SHORT, 1], [278, LONG, 1], [279, LONG, bytes.length], [339, SHORT, sampleFormat],
  ];
  const data = 8 + 2 + 12 * entries.length + 6;
  const view = new DataView(new ArrayBuffer(data + bytes.length));
  [0x49, 0x49, 42, 0, 8, 0, 0, 0].forEach((byte, i) => view.setUint8(i, byte));
  view.setUint16(8, entries.length, true);
  entries.forEach(([tag, type, value], i) => {
    const at = 10 + 12 * i;
    view.setUint16(at, tag, true);
    view.setUint16(at + 2, type, true);
    view.setUint32(at + 4, 1, true);
    view.setUint32(at + 8, tag === 273 ? data : value, true);
  });
  bytes.forEach((byte, i) => view.setUint8(data + i, byte));
  return new Uint8Array(view.buffer);
}

const UNSIGNED = 1, SIGNED = 2, FLOAT = 3;
const read = (samples, format) => [...decode(file(samples, format))[0].data].join(',');

console.log('tiff', JSON.parse(readFileSync('node_modules/tiff/package.json')).version);
const seen = {
  'unsigned, 16 bits': read(Uint16Array.of(0, 1, 65535), UNSIGNED),
  'float, 32 bits   ': read(Float32Array.of(0, 0.25, 0.5, 1), FLOAT),
  'float, 16 bits   ': read(Uint16Array.of(0, 0x3400, 0x3800, 0x3c00), FLOAT), // 0, 0.25, 0.5, 1
  'signed, 16 bits  ': read(Int16Array.of(-32768, -1, 0, 32767), SIGNED),
};
for (const [what, numbers] of Object.entries(seen)) console.log(what, numbers);
const [plain, single, half, signed] = Object.values(seen);
if (plain !== '0,1,65535' || single !== '0,0.25,0.5,1') throw new Error('plain images are not read as this probe expects');
if (half !== '0,13312,14336,15360' || signed !== '32768,65535,0,32767') {
  console.error('The behaviour has changed: the sample format of 16-bit images is no longer ignored.');
  process.exit(1);
}
console.log('Still so: half floats and signed numbers come out as unsigned integers.');
EOF
node probe.js
