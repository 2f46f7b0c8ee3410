#!/usr/bin/env bash
# daikon reads signed DICOM pixels of 12 stored bits as 16-bit numbers: -1 becomes 4095 unless the writer filled the unused bits.
#
# Package: daikon 1.2.46. Any Node from 20.
#
# Expected: in DICOM the sign of a signed pixel is its highest stored bit (PS3.5, section 8.1.1); the bits above it carry nothing. Stored in 12 of
# 16 bits -1 is 0xFFF and -2048 is 0x800. The documentation says that getInterpretedData handles byte order, data type, scale and mask.
# Seen: 0x0FFF is 4095 and 0x0800 is 2048, so the darkest pixels become the brightest. 0xFFFF and 0xF800, the same numbers with the sign
# copied into the unused bits, are -1 and -2048. Unused bits of unsigned pixels are masked, as they should be.
# Why it matters: the values of CT in Hounsfield units are such numbers: air at -1000 becomes the densest material of the picture, and range, window
# and every quantiser calibrated on it follow.
# Output seen: signed 0x0FFF 4095, 0xFFFF -1; unsigned 0xF001 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund daikon@1.2.46

cat > probe.cjs <<'EOF'
const daikon = require('daikon');

console.log('daikon', require('daikon/package.json').version);

const element = (group, number, type, value) => {
  const bytes = typeof value === 'string' ? Buffer.from(value.length % 2 ? `${value}${type === 'UI' ? '\0' : ' '}` : value, 'latin1') : value;
  const head = Buffer.alloc(type === 'OW' ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(type, 4);
  if (type === 'OW') head.writeUInt32LE(bytes.length, 8);
  else head.writeUInt16LE(bytes.length, 6);
  return Buffer.concat([head, bytes]);
};
const short = (number) => Buffer.from(Uint16Array.of(number).buffer);
/** A DICOM file (explicit VR, little endian) of one row of pixels with 12 of 16 bits stored. */
const dicom = (signed, words) => {
  const meta = Buffer.concat([
    element(2, 0x2, 'UI', '1.2.840.10008.5.1.4.1.1.7'),
    element(2, 0x3, 'UI', '1.2.3.4'),
    element(2, 0x10, 'UI', '1.2.840.10008.1.2.1'),
  ]);
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from('DICM'), element(2, 0, 'UL', Buffer.from(Uint32Array.of(meta.length).buffer)), meta,
    element(0x8, 0x16, 'UI', '1.2.840.10008.5.1.4.1.1.7'),
    element(0x28, 0x2, 'US', short(1)), element(0x28, 0x4, 'CS', 'MONOCHROME2'),
    element(0x28, 0x10, 'US', short(1)), element(0x28, 0x11, 'US', short(words.length)),
    element(0x28, 0x100, 'US', short(16)), element(0x28, 0x101, 'US', short(12)), element(0x28, 0x102, 'US', short(11)),
    element(0x28, 0x103, 'US', short(signed ? 1 : 0)),
    element(0x28, 0x1052, 'DS', '0'), element(0x28, 0x1053, 'DS', '1'),
    element(0x7fe0, 0x10, 'OW', Buffer.from(Uint16Array.from(words).buffer)),
  ]);
};
const read = (name, signed, words) => {
  const file = dicom(signed, words);
  const image = daikon.Series.parseImage(new DataView(new Uint8Array(file).buffer));
  const values = [...image.getInterpretedData()].join();
  console.log(`${name}: ${words.map((word) => `0x${word.toString(16).padStart(4, '0')}`).join()} are ${values}`);
  return values;
};
const unsigned = read('unsigned                     ', false, [0x0fff, 0xf001, 0x0005]);
const extended = read('signed, sign in unused bits  ', true, [0xffff, 0xf800, 0x0005]);
const zeros = read('signed, unused bits are zero ', true, [0x0fff, 0x0800, 0x0005]);
if (unsigned !== '4095,1,5' || extended !== '-1,-2048,5') throw new Error('unsigned or extended numbers are not what this probe expects');
if (zeros !== '4095,2048,5') {
  console.error('The behaviour has changed: the sign is the highest stored bit.');
  process.exit(1);
}
console.log('Still so: -1 in 12 bits is 4095.');
EOF
node probe.cjs
