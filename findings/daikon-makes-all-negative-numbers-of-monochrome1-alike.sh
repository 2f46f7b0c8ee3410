#!/usr/bin/env bash
# daikon reads the signed numbers -2000, -100 and 0 of a DICOM image in which small is white as one and the same, 2047.
#
# Package: daikon 1.2.46. Any Node from 20.
#
# Expected: in MONOCHROME1 the smallest number is white. A reader that turns the numbers round for it keeps them apart: of signed numbers of 12 bits -2048
# to 2047 each x becomes -1 - x, as unsigned ones become 4095 - x.
# Seen: signed numbers become 2047.5 - x, are limited to 2047.5 and cut to whole numbers. So x above 0 is 2047 - x, and all from -2048 to 0 are 2047:
# half of the range is lost. MONOCHROME2 with the same numbers is exact, and so are unsigned numbers in MONOCHROME1.
# Why it matters: radiographs are MONOCHROME1, and signed where a background has been taken off; all that is below it is a flat white.
# Output seen: signed MONOCHROME1 of -2000, -100, 0, 100, 2047: 2047, 2047, 2047, 1947, 0; MONOCHROME2 as given; unsigned 4095 - x.
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
/** A DICOM file (explicit VR, little endian) of one row of pixels, 12 of 16 bits stored, the sign repeated in the unused bits. */
const dicom = (interpretation, signed, numbers) => {
  const meta = Buffer.concat([
    element(2, 0x2, 'UI', '1.2.840.10008.5.1.4.1.1.7'),
    element(2, 0x3, 'UI', '1.2.3.4'),
    element(2, 0x10, 'UI', '1.2.840.10008.1.2.1'),
  ]);
  return Buffer.concat([
    Buffer.alloc(128), Buffer.from('DICM'), element(2, 0, 'UL', Buffer.from(Uint32Array.of(meta.length).buffer)), meta,
    element(0x8, 0x16, 'UI', '1.2.840.10008.5.1.4.1.1.7'),
    element(0x28, 0x2, 'US', short(1)), element(0x28, 0x4, 'CS', interpretation),
    element(0x28, 0x10, 'US', short(1)), element(0x28, 0x11, 'US', short(numbers.length)),
    element(0x28, 0x100, 'US', short(16)), element(0x28, 0x101, 'US', short(12)), element(0x28, 0x102, 'US', short(11)),
    element(0x28, 0x103, 'US', short(signed ? 1 : 0)),
    element(0x28, 0x1052, 'DS', '0'), element(0x28, 0x1053, 'DS', '1'),
    element(0x7fe0, 0x10, 'OW', Buffer.from(Int16Array.from(numbers).buffer)),
  ]);
};
const read = (interpretation, signed, numbers) => {
  const file = dicom(interpretation, signed, numbers);
  const values = [...daikon.Series.parseImage(new DataView(new Uint8Array(file).buffer)).getInterpretedData()].join();
  console.log(`${signed ? 'signed' : 'unsigned'} ${interpretation}: ${numbers.join()} are ${values}`);
  return values;
};
const numbers = [-2000, -100, 0, 100, 2047];
const plain = read('MONOCHROME2', true, numbers);
const unsigned = read('MONOCHROME1', false, [0, 100, 4095]);
const inverted = read('MONOCHROME1', true, numbers);
if (plain !== numbers.join() || unsigned !== '4095,3995,0') throw new Error('the other images are not what this probe expects');
if (inverted !== '2047,2047,2047,1947,0') {
  console.error('The behaviour has changed: negative numbers are kept apart.');
  process.exit(1);
}
console.log('Still so: all negative numbers are alike.');
EOF
node probe.cjs
