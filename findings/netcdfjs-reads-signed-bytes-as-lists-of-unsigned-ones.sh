#!/usr/bin/env bash
# netcdfjs reads the signed bytes 1, -2, 3, -4 of a NetCDF file as [1], [254], [3], [252].
#
# Package: netcdfjs 4.0.0. Any Node from 20.
#
# Expected: "8-bit signed integers" in the format's specification, and a list of numbers, as for the shorts beside them.
# Seen: bytes are read without a sign, and each as a list of one. Adding the four up gives the text 012543252, since lists join as text.
# Why it matters: maps quantised to eight bits, with zero in the middle, are stored as bytes; half of them is then off by 256.
# Output seen: byte [[1],[254],[3],[252]], short [1,-2,3,-4].
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund netcdfjs@4.0.0

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { NetCDFReader } from 'netcdfjs';

/** A NetCDF classic file with the dimension x (4), and 1, -2, 3, -4 along it as bytes and as shorts. */
const file = () => {
  const bytes = [];
  const int = (value) => bytes.push((value >> 24) & 255, (value >> 16) & 255, (value >> 8) & 255, value & 255);
  const name = (text) => { int(text.length); bytes.push(...Buffer.from(text.padEnd(4 * Math.ceil(text.length / 4), '\0'))); };
  const DIMENSION = 10, VARIABLE = 11, BYTE = 1, SHORT = 3;
  const header = (start) => {
    bytes.length = 0;
    bytes.push(...Buffer.from('CDF\x01'));
    int(0);
    int(DIMENSION); int(1); name('x'); int(4);
    int(0); int(0); // no attributes
    int(VARIABLE); int(2);
    name('byte'); int(1); int(0); int(0); int(0); int(BYTE); int(4); int(start);
    name('short'); int(1); int(0); int(0); int(0); int(SHORT); int(8); int(start + 4);
    return bytes.length;
  };
  header(header(0));
  for (const value of [1, -2, 3, -4]) bytes.push(value & 255);
  for (const value of [1, -2, 3, -4]) bytes.push((value >> 8) & 255, value & 255);
  return Uint8Array.from(bytes);
};

console.log('netcdfjs', JSON.parse(readFileSync('node_modules/netcdfjs/package.json', 'utf8')).version);
const reader = new NetCDFReader(file());
const [byte, short] = ['byte', 'short'].map((variable) => reader.getDataVariable(variable));
console.log(`byte: ${JSON.stringify(byte)}, added up: ${JSON.stringify(byte.reduce((sum, x) => sum + x, 0))}`);
console.log(`short: ${JSON.stringify(short)}, added up: ${short.reduce((sum, x) => sum + x, 0)}`);
if (JSON.stringify(short) !== '[1,-2,3,-4]') throw new Error('shorts are not what this probe expects');
if (JSON.stringify(byte) !== '[[1],[254],[3],[252]]') {
  console.error('The behaviour has changed: bytes are signed numbers.');
  process.exit(1);
}
console.log('Still so: bytes are lists of unsigned ones.');
EOF
node probe.js
