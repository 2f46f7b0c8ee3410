#!/usr/bin/env bash
# netcdfjs reads a variable of three 16-bit numbers as four: the two bytes that fill it up to a multiple of four are taken for a number.
#
# Package: netcdfjs 4.0.0. Any Node from 20.
#
# Expected: a variable along a dimension of 3 has three values. The NetCDF classic format pads each variable to four bytes, in the file only, and stores
# its size so padded (vsize); the count of values is the product of its dimensions.
# Seen: the count is vsize divided by the bytes of a number. 7, 8, 9 along x = 3 come back with a fourth, -32767, the fill value; a record variable of 2 x 3
# has rows of four. Numbers of 32 and 64 bits, and even counts of 16 bits, have no padding and are right.
# Why it matters: packed feature maps with odd sides (55, 27, 13) have odd rows; means and histograms take the fill value in, and reshaping shifts all.
# Output seen: short x(3): 7,8,9,-32767; int x(3): 7,8,9; short record rows 1,2,3,-32767 and 4,5,6,-32767.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund netcdfjs@4.0.0

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { NetCDFReader } from 'netcdfjs';

/** A NetCDF classic file with the dimensions t (unlimited, two records) and x (3), a short and an int along x, and a short along both. */
const file = () => {
  const bytes = [];
  const int = (value) => bytes.push((value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255);
  const short = (value) => bytes.push((value >> 8) & 255, value & 255);
  const name = (text) => { int(text.length); bytes.push(...Buffer.from(text.padEnd(4 * Math.ceil(text.length / 4), '\0'))); };
  const DIMENSION = 10, VARIABLE = 11, SHORT = 3, INT = 4, FILL = -32767;
  const variables = [
    { name: 'short', dimensions: [1], type: SHORT, size: 8 },
    { name: 'int', dimensions: [1], type: INT, size: 12 },
    { name: 'rows', dimensions: [0, 1], type: SHORT, size: 8 },
  ];
  const header = (starts) => {
    bytes.length = 0;
    bytes.push(...Buffer.from('CDF\x01'));
    int(2); // records
    int(DIMENSION); int(2); name('t'); int(0); name('x'); int(3);
    int(0); int(0); // no attributes
    int(VARIABLE); int(variables.length);
    variables.forEach((variable, i) => {
      name(variable.name);
      int(variable.dimensions.length);
      variable.dimensions.forEach(int);
      int(0); int(0);
      int(variable.type); int(variable.size); int(starts[i]);
    });
    return bytes.length;
  };
  const end = header([0, 0, 0]);
  header([end, end + 8, end + 20]);
  [7, 8, 9, FILL].forEach(short);
  [7, 8, 9].forEach(int);
  [1, 2, 3].forEach(short); short(FILL);
  [4, 5, 6].forEach(short); short(FILL);
  return Uint8Array.from(bytes);
};

console.log('netcdfjs', JSON.parse(readFileSync('node_modules/netcdfjs/package.json', 'utf8')).version);
const reader = new NetCDFReader(file());
const read = (variable) => {
  const values = reader.getDataVariable(variable);
  console.log(`${variable}: ${JSON.stringify(values)}`);
  return JSON.stringify(values);
};
const [short, int, rows] = ['short', 'int', 'rows'].map(read);
if (int !== '[7,8,9]') throw new Error('a variable without padding is not what this probe expects');
if (short !== '[7,8,9,-32767]' || rows !== '[[1,2,3,-32767],[4,5,6,-32767]]') {
  console.error('The behaviour has changed: padding is left out.');
  process.exit(1);
}
console.log('Still so: the padding is one number more.');
EOF
node probe.js
