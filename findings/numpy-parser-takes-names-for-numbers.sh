#!/usr/bin/env bash
# numpy-parser reads an array of names as numbers if the longest has two or four letters, and adds a dimension of 1 to every list.
#
# Package: numpy-parser 1.2.3. Any Node from 20.
#
# Expected: '<U2' is text of two characters, four bytes each, '<u2' an unsigned 16-bit integer; types that a reader does not know it refuses, as this one
# does for 64-bit integers. A list of two has the shape [2].
# Seen: the header is turned to lower case before the type is looked up, so that '<U2' is '<u2'. The names "ab" and "c" are eight numbers, 97, 0, 98, 0, 99
# and three zeros. '<U4' becomes 32-bit numbers, one for each letter; '<U3' is an error. The shape of every list ends in a 1: [2, 1] for '(2,)'.
# Why it matters: class names and file names are saved beside the activations, and an index into them by the product of the shape is another letter.
# Output seen: <U2: shape 2,1 and 97,0,98,0,99,0,0,0; <u2: shape 2,1 and 7,8; <U3: an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund numpy-parser@1.2.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { fromArrayBuffer } = require('numpy-parser');

/** An .npy file of version 1.0 with one axis of two elements. */
const file = (type, data) => {
  const header = `{'descr': '${type}', 'fortran_order': False, 'shape': (2,), }`.padEnd(117) + '\n';
  const bytes = Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([1, 0, header.length, 0]), Buffer.from(header), data]);
  return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
};
const text = (names, length) => Buffer.from(Uint32Array.from(names.flatMap((name) => Array.from({ length }, (_, i) => name.charCodeAt(i) || 0))).buffer);
const read = (type, data) => {
  try {
    const array = fromArrayBuffer(file(type, data));
    console.log(`${type}: ${array.data.constructor.name} ${array.data.join()}, shape ${array.shape.join()}`);
    return `${array.data.join()};${array.shape.join()}`;
  } catch (error) {
    console.log(`${type}: ${error.constructor.name}`);
    return 'refused';
  }
};
console.log('numpy-parser', JSON.parse(readFileSync('node_modules/numpy-parser/package.json', 'utf8')).version);
const integers = read('<u2', Buffer.from(Uint16Array.of(7, 8).buffer));
const two = read('<U2', text(['ab', 'c'], 2));
const three = read('<U3', text(['abc', 'de'], 3));
if (!integers.startsWith('7,8;') || three !== 'refused') throw new Error('integers, or longer names, are not what this probe expects');
if (two !== '97,0,98,0,99,0,0,0;2,1' || integers !== '7,8;2,1') {
  console.error('The behaviour has changed: names are no numbers, and lists have one dimension.');
  process.exit(1);
}
console.log('Still so: names are read as numbers.');
EOF
node probe.cjs
