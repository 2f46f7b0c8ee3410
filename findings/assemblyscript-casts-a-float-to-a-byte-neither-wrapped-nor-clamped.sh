#!/usr/bin/env bash
# <u8> of a float in AssemblyScript clamps below zero, wraps up to 2^32 and clamps again beyond: -1 is 0, 300 is 44, 1e10 is 255.
#
# Package: assemblyscript 0.28.20. Any Node from 20.
#
# Expected: one rule. Either that of JavaScript's Uint8Array (wrapping: -1 is 255, 300 is 44, 1e10 is 0) or that of Uint8ClampedArray
# (clamping: 0, 255, 255).
# Seen: the float is converted to an unsigned 32-bit integer, clamping, and the low eight bits are kept. So negative numbers are clamped,
# those from 256 wrap, 4294967295 and everything above is 255, 2147483648 is 0. <i8> does the same with signed bounds: 128 is -128,
# 300 is 44, and every number from 2^31 on is -1.
# Why it matters: a quantiser kernel that forgets to clamp looks right in tests with negative outliers, and with huge ones, and wraps for
# the slightly too large ones that real activations have.
# Output seen: u8 -1:0 255.9:255 256:0 300:44 2147483648:0 1e10:255; i8 128:-128 300:44 1e10:-1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund assemblyscript@0.28.20

cat > kernel.ts <<'EOF'
export function toByte(x: f64): i32 {
  return <u8>x;
}
export function toSignedByte(x: f64): i32 {
  return <i8>x;
}
EOF
node_modules/.bin/asc kernel.ts --outFile kernel.wasm --runtime stub --optimize

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';

const { instance } = await WebAssembly.instantiate(readFileSync('kernel.wasm'));
const { toByte, toSignedByte } = instance.exports;
const known = {
  u8: [toByte, { '-1': 0, '255.9': 255, '256': 0, '300': 44, '2147483648': 0, '1e10': 255 }],
  i8: [toSignedByte, { '128': -128, '300': 44, '2147483648': -1, '1e10': -1 }],
};
console.log('assemblyscript', JSON.parse(readFileSync('node_modules/assemblyscript/package.json')).version);
let same = true;
for (const [type, [cast, table]] of Object.entries(known)) {
  for (const [number, expected] of Object.entries(table)) {
    const seen = cast(Number(number));
    const wrapped = (type === 'u8' ? Uint8Array : Int8Array).of(Number(number))[0];
    console.log(`<${type}>${number} = ${seen} (a typed array of JavaScript: ${wrapped})`);
    same &&= seen === expected;
  }
}
if (!same) {
  console.error('The behaviour has changed: a float is cast to a byte by another rule.');
  process.exit(1);
}
console.log('Still so: negative numbers are clamped, numbers from 256 wrap, huge ones are clamped.');
EOF
node probe.js
