#!/usr/bin/env bash
# clz<u8>, ctz<u8> and popcnt<i8> of AssemblyScript count over 32 bits, though rotl<u8> of the same family works on eight.
#
# Package: assemblyscript 0.28.20. Any Node from 20.
#
# Expected: the type argument says how wide the number is, as it does for rotl, rotr, load and store: clz<u8>(1) is 7, ctz<u8>(0) is 8,
# popcnt<i8>(-1) is 8.
# Seen: 31, 32 and 32. Types below 32 bits are widened first (with their sign, for i8), and the count is that of the widened word.
# rotl<u8>(128, 1) is 1, so the rotation does know about eight bits.
# Why it matters: "how many bits does this activation need" is 8 - clz<u8>(x), and "how many bits are set" is popcnt<i8>(x). Both
# compile. The first is off by 24 always, the second for negative values only, so tests on outputs of a ReLU pass.
# Output seen: clz<u8>(1) 31, ctz<u8>(0) 32, popcnt<i8>(-1) 32, popcnt<i8>(127) 7, rotl<u8>(128, 1) 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund assemblyscript@0.28.20

cat > kernel.ts <<'EOF'
export function leadingZeros(x: u8): i32 {
  return clz<u8>(x);
}
export function trailingZeros(x: u8): i32 {
  return ctz<u8>(x);
}
export function ones(x: i8): i32 {
  return popcnt<i8>(x);
}
export function turned(x: u8): i32 {
  return rotl<u8>(x, 1);
}
EOF
node_modules/.bin/asc kernel.ts --outFile kernel.wasm --runtime stub --optimize

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('kernel.wasm'));
const { leadingZeros, trailingZeros, ones, turned } = instance.exports;
console.log('assemblyscript', JSON.parse(readFileSync('node_modules/assemblyscript/package.json')).version);
const rows = [
  ['rotl<u8>(128, 1)', turned(128), 1],
  ['popcnt<i8>(127)', ones(127), 7],
  ['clz<u8>(1)', leadingZeros(1), 31],
  ['ctz<u8>(0)', trailingZeros(0), 32],
  ['popcnt<i8>(-1)', ones(-1), 32],
];
for (const [what, seen] of rows) console.log(what, '=', seen);
if (rows.some(([, seen, known]) => seen !== known)) {
  console.error('The behaviour has changed: the bits of a byte are counted another way.');
  process.exit(1);
}
console.log('Still so: the rotation knows eight bits, the counts know 32.');
EOF
node probe.js
