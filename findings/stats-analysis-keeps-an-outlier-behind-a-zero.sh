#!/usr/bin/env bash
# The outlier filter of stats-analysis keeps 40 among fives and sixes if the number before it is 0, and drops good numbers.
#
# Package: stats-analysis 2.0.0. Any Node from 20.
#
# Expected: filterOutliers() removes the number that is far from the others, whatever stands before it.
# Seen: the default method compares each number with the one before it. Where that is 0 it is taken for missing, the difference is NaN, and NaN is no
# outlier: 40 stays. Without a zero 40 goes, and with it the 5 behind it, which is just as far from 40. Differences are rounded to whole numbers, so
# that numbers below 0.5 have no outliers at all. The other method, 'MAD', finds the same outlier in all of these.
# Why it matters: activations after a ReLU are full of zeros, and errors and losses are below 0.5.
# Output seen: with 0: a 5 dropped, 40 kept; without: 40 and 5 dropped; in units of 0.01: nothing dropped; MAD drops 40 alone.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund stats-analysis@2.0.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const stats = require('stats-analysis');

console.log('stats-analysis', JSON.parse(readFileSync('node_modules/stats-analysis/package.json', 'utf8')).version);
const dropped = (numbers, method) => {
  const kept = stats.indexOfOutliers(numbers, method).map((i) => numbers[i]).join();
  console.log(`${numbers.join()}${method ? ` by ${method}` : ''}: dropped ${kept || 'nothing'}`);
  return kept;
};
const zero = [5, 6, 5, 6, 5, 0, 40, 5, 6, 5];
const plain = [5, 6, 5, 6, 5, 6, 40, 5, 6, 5];
const seen = [dropped(zero), dropped(plain), dropped(plain.map((x) => x / 100)), dropped(plain, 'MAD'), dropped(plain.map((x) => x / 100), 'MAD')];
if (seen[3] !== '40' || seen[4] !== '0.4') throw new Error('the other method is not what this probe expects');
if (seen[0].includes('40') || seen[1] !== '40,5' || seen[2] !== '') {
  console.error('The behaviour has changed: the outlier alone is dropped.');
  process.exit(1);
}
console.log('Still so: behind a zero the outlier stays.');
EOF
node probe.cjs
