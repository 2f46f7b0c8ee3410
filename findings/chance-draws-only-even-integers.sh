#!/usr/bin/env bash
# chance.integer() and chance.natural() never draw an odd number, with or without a seed.
#
# Package: chance 1.1.13. Any Node from 20.
#
# Expected: the documentation: an integer from -9007199254740991 to 9007199254740991, or from min to max. Half of them are odd.
# Seen: one number of 32 bits is stretched over the whole range. Naturals are multiples of 2,097,152, and one in two million is possible; the integers are
# even without exception. With a range of 2^33 every other number is missing, of 2^40 all but one in 256; up to 2^32 all can occur.
# Why it matters: numbers that are drawn for identifiers, seeds and hashes are reduced by a modulo of a power of two: all of them fall into one bucket,
# one shard, or the same half of a split into training and test.
# Output seen: of 20,000 integers 0 odd; naturals modulo 2097152: 0 only; up to 2^33 - 1: 0 odd; up to 2^32 - 1: about 10,000 odd.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund chance@1.1.13

cat > probe.cjs <<'EOF'
const Chance = require('chance');

console.log('chance', require('chance/package.json').version);
const DRAWS = 20_000;
const odd = (draw) => {
  let count = 0;
  for (let i = 0; i < DRAWS; i++) count += Math.abs(draw() % 2);
  return count;
};
const chance = new Chance(1);
const counts = {
  'integer()': odd(() => chance.integer()),
  'integer(), not seeded': odd(() => new Chance().integer()),
  'natural()': odd(() => chance.natural()),
  'up to 2^33 - 1': odd(() => chance.integer({ min: 0, max: 2 ** 33 - 1 })),
  'up to 2^32 - 1': odd(() => chance.integer({ min: 0, max: 2 ** 32 - 1 })),
};
for (const [what, count] of Object.entries(counts)) console.log(`${what}: ${count} of ${DRAWS} are odd`);
const remainders = new Set(Array.from({ length: DRAWS }, () => chance.natural() % 2 ** 21));
console.log(`remainders of natural() modulo 2^21: ${[...remainders].slice(0, 5).join(', ')}`);
if (Math.abs(counts['up to 2^32 - 1'] - DRAWS / 2) > 500) throw new Error('a range of 32 bits is not what this probe expects');
if (counts['integer()'] || counts['natural()'] || counts['integer(), not seeded'] || counts['up to 2^33 - 1'] || remainders.size > 1) {
  console.error('The behaviour has changed: odd numbers are drawn.');
  process.exit(1);
}
console.log('Still so: every integer is even.');
EOF
node probe.cjs
