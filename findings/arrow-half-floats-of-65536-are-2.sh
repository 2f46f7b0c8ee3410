#!/usr/bin/env bash
# Apache Arrow's Float16 stores 65536 as 2, 70000 as 2.13, 1e-8 as minus infinity and 1e-20 as 0.00002.
#
# Package: apache-arrow 21.2.0 (JavaScript), compared with @petamoriken/float16 3.9.3. Any Node from 20.
#
# Expected: numbers beyond the largest half float, 65504, become infinity, numbers below half of the smallest, 6e-8, become 0, as by NumPy's conversion,
# which the source names as its model.
# Seen: of a number that is too large the exponent is cut and not saturated, unless the lower half of its double is not zero; so 1e10, also a whole number,
# is infinity, and 1e6 is 3.81. Of a number that is too small the shift exceeds 31 bits and starts again: 1e-8 is -Infinity, whatever its sign.
# Why it matters: half floats are how activations are stored, and an overflow that comes back as a number between 2 and 4 is inside the usual range.
# Output seen: 65504 65504, 65536 2, 70000 2.134765625, 1000000 3.814453125, 1e10 Infinity, 2e-8 0, 1e-8 -Infinity, 1e-20 0.0000192.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund apache-arrow@21.2.0 @petamoriken/float16@3.9.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { f16round } = require('@petamoriken/float16');
const arrow = require('apache-arrow');

console.log('apache-arrow', JSON.parse(readFileSync('node_modules/apache-arrow/package.json', 'utf8')).version);
const numbers = [0.1, 65504, 65536, 70000, 1e6, 1e10, 2e-8, 1e-8, 1e-20];
const seen = [...arrow.vectorFromArray(numbers, new arrow.Float16())];
numbers.forEach((x, i) => console.log(`${x}: ${seen[i]}, should be ${f16round(x)}`));
if (seen[0] !== f16round(0.1) || seen[1] !== 65504 || seen[6] !== 0) throw new Error('numbers within the range are not what this probe expects');
if (seen[2] !== 2 || seen[3] !== 2.134765625 || seen[7] !== -Infinity || !(seen[8] > 1e-5)) {
  console.error('The behaviour has changed: what is too large is infinite, what is too small is 0.');
  process.exit(1);
}
console.log('Still so: large numbers become small ones, and tiny ones infinite.');
EOF
node probe.cjs
