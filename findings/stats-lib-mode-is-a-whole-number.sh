#!/usr/bin/env bash
# The most frequent of 1.5, 1.5 and 2 is 1 in stats-lib, a number that is not among them.
#
# Package: stats-lib 1.1.2. Any Node from 20.
#
# Expected: the mode of some numbers is one of them.
# Seen: the numbers are counted under their text, and the text is read back as an integer: 1.5 becomes 1, 0.25 becomes 0, 1e21 becomes 1. Two modes that
# differ behind the point come back as the same number twice. Mean, median and quartiles beside it keep fractions.
# Why it matters: the most frequent level of a quantised layer, in units of its step, is rounded towards 0 and no longer a level.
# Output seen: 1.5,1.5,2 gives 1; 0.25,0.25,0.75 gives 0; 0.25,0.25,0.75,0.75 gives 0,0; 3,3,4 gives 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund stats-lib@1.1.2

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const stats = require('stats-lib');

console.log('stats-lib', JSON.parse(readFileSync('node_modules/stats-lib/package.json', 'utf8')).version);
const mode = (numbers) => {
  const found = [stats.mode(numbers)].flat().join();
  console.log(`${numbers.join()}: mode ${found}, median ${stats.median(numbers)}`);
  return found;
};
const seen = [mode([3, 3, 4]), mode([1.5, 1.5, 2]), mode([0.25, 0.25, 0.75]), mode([0.25, 0.25, 0.75, 0.75])];
if (seen[0] !== '3') throw new Error('the mode of whole numbers is not what this probe expects');
if (seen[1] !== '1' || Number(seen[2]) !== 0 || seen[3] !== '0,0') {
  console.error('The behaviour has changed: the mode is one of the numbers.');
  process.exit(1);
}
console.log('Still so: the mode is cut to a whole number.');
EOF
node probe.cjs
