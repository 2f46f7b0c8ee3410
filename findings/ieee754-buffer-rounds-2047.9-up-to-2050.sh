#!/usr/bin/env bash
# ieee754-buffer writes 2047.9 as a half float of 2050: whatever is rounded up to a power of two becomes the number behind it.
#
# Package: ieee754-buffer 2.0.0. Any Node from 20.
#
# Expected: the nearest number of the format, 2048 for halves (the numbers from there on are 2 apart), as the rounding of the other numbers does:
# 2046.9 is 2047. 1.99999999 as a float is 2.
# Seen: where rounding reaches the next power of two the code sets the exponent up and the fraction to 1, and then takes 2^bits away from the
# fraction. The negative result is written bit by bit and leaves the lowest bit set.
# Why it matters: about one number in 2000 is struck in halves, in every format the class is asked for: enough to fail a comparison with a reference
# and too seldom to be noticed. 0.9999, the usual probability of a certain answer, becomes larger than 1.
# Output seen: halves: 2046.9 is 2047, 2047.9 is 2050, 0.9999 is 1.0009765625; float: 1.99999999 is 2.000000238418579.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ieee754-buffer@2.0.0

cat > probe.cjs <<'EOF'
const { IEEE754Buffer } = require('ieee754-buffer');

console.log('ieee754-buffer', require('ieee754-buffer/package.json').version);
const through = (format, bytes, number) => {
  const buffer = new Uint8Array(bytes);
  format.pack(buffer, number, 0);
  return format.unpack(buffer, 0);
};
const half = new IEEE754Buffer(5, 10);
const float = new IEEE754Buffer(8, 23);
const beside = through(half, 2, 2046.9);
const halves = [2047.9, 0.9999].map((number) => through(half, 2, number));
const single = through(float, 4, 1.99999999);
console.log(`halves: 2046.9 is ${beside}, 2047.9 is ${halves[0]}, 0.9999 is ${halves[1]}`);
console.log(`float: 1.99999999 is ${single}, Math.fround says ${Math.fround(1.99999999)}`);
if (beside !== 2047) throw new Error('2046.9 is not what this probe expects');
if (halves[0] !== 2050 || halves[1] !== 1 + 2 ** -10 || single !== 2 + 2 ** -22) {
  console.error('The behaviour has changed: what is rounded up to a power of two is another number.');
  process.exit(1);
}
console.log('Still so: what is rounded up to a power of two becomes the number behind it.');
EOF
node probe.cjs
