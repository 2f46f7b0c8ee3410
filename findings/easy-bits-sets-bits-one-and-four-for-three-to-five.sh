#!/usr/bin/env bash
# easy-bits sets the bits 1 and 4 of a BitField when asked for the range from 3 to 5, and the right ones of a BitArray.
#
# Package: easy-bits 1.2.2. Any Node from 20.
#
# Expected: "BitFields and BitArrays are interchangeable, their APIs are identical" (README), and setRange "sets all bits within a specific range",
# the end excluded: 3 and 4.
# Seen: the mask of the width is multiplied by 2 * from and not by 2^from. These are the same for 1 and 2 only: from 3 the mask 11 becomes 10010,
# from 4 the mask 1111 becomes 1111000, from 3 to 6. flipRange does the same. setAt and getRange are right.
# Why it matters: packing codes of several bits into a word is the use of a bit field. The first three places work, which is what a test tries.
# Output seen: 2 to 4: 00001100 both; 3 to 5: BitField 00010010, BitArray 00011000; 4 to 8: BitField 01111000, BitArray 11110000.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund easy-bits@1.2.2

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { BitArray, BitField } = require('easy-bits');

console.log('easy-bits', JSON.parse(readFileSync('node_modules/easy-bits/package.json', 'utf8')).version);
const set = (from, to) => {
  const field = new BitField(8).setRange(1, from, to).serialize();
  const array = new BitArray(8).setRange(1, from, to).serialize();
  console.log(`${from} to ${to}: BitField ${field}, BitArray ${array}`);
  return [field, array].join();
};
const early = set(2, 4);
const middle = set(3, 5);
const late = set(4, 8);
if (early !== '00001100,00001100') throw new Error('2 to 4 is not what this probe expects');
if (middle !== '00010010,00011000' || late !== '01111000,11110000') {
  console.error('The behaviour has changed: a BitField sets other bits.');
  process.exit(1);
}
console.log('Still so: a range that begins at 3 or later sets other bits in a BitField.');
EOF
node probe.cjs
