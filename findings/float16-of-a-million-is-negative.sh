#!/usr/bin/env bash
# The package float16 encodes 70,000 as NaN and a million as -0.00023.
#
# Package: float16 0.0.1 (of cheminfo). Any Node from 20.
#
# Expected: a number beyond 65504 becomes infinity, which the encoder knows: it writes it for Infinity.
# Seen: the exponent is not bounded. One too large by one gives the pattern of NaN, and from 131,072 on it runs over into the sign bit: the result is a
# negative number that grows from 0 again. Numbers up to 65504 come back as the nearest half float.
# Why it matters: sums of products of activations reach such numbers in a few layers; infinity would be noticed.
# Output seen: 65504 65504; 70000 NaN; 200000 -0.0000321; 1000000 -0.000233; Infinity Infinity.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund float16@0.0.1

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { byteToFloat16, float16ToByte } = require('float16');

console.log('float16', JSON.parse(readFileSync('node_modules/float16/package.json', 'utf8')).version);
const there = (x) => {
  const half = byteToFloat16(float16ToByte(x));
  console.log(`${x}: ${half}`);
  return half;
};
const [one, largest, infinity] = [1, 65504, Infinity].map(there);
const [next, large, million] = [70000, 200000, 1e6].map(there);
if (one !== 1 || largest !== 65504 || infinity !== Infinity) throw new Error('numbers within the range are not what this probe expects');
if (!Number.isNaN(next) || !(large < 0 && large > -1) || !(million < 0 && million > -1)) {
  console.error('The behaviour has changed: what is too large is infinite.');
  process.exit(1);
}
console.log('Still so: a million is a small negative number.');
EOF
node probe.cjs
