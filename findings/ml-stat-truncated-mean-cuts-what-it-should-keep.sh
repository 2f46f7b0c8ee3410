#!/usr/bin/env bash
# The truncated mean of ml-stat that keeps 80 % of ten numbers between 1 and 100 is -0.
#
# Package: ml-stat 1.3.3. Any Node from 20.
#
# Expected: "@param percent - The percentage of values to keep (range: [0,1])". To keep 80 % is to leave out the smallest and the largest of ten.
# Seen: the share is cut off at *each* end. 0.8 cuts eight and eight of ten, sums nothing and divides by -6. 0.5 gives 0 / 0 = NaN, and 1, which should be
# the plain mean, -0. 0.1, by its description a tenth, is what 0.8 should be: 5.5.
# Why it matters: robust means of times and errors are taken so. A result of 0 is noticed; a share of 0.2, which keeps 60 %, is not.
# Output seen: keep 1 -0 instead of 14.5, keep 0.8 -0 instead of 5.5, keep 0.5 NaN, keep 0.1 5.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-stat@1.3.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { array } = require('ml-stat');

console.log('ml-stat', JSON.parse(readFileSync('node_modules/ml-stat/package.json', 'utf8')).version);
const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 100];
const kept = new Map([1, 0.8, 0.5, 0.2, 0.1, 0].map((share) => [share, array.truncatedMean(numbers, share)]));
console.log(`numbers ${numbers.join()}, mean ${array.mean(numbers)}`);
for (const [share, mean] of kept) console.log(`keep ${share}: ${Object.is(mean, -0) ? '-0' : mean}`);
if (array.mean(numbers) !== 14.5) throw new Error('the mean is not what this probe expects');
if (!Object.is(kept.get(0.8), -0) || !Number.isNaN(kept.get(0.5)) || kept.get(0.1) !== 5.5 || kept.get(0) !== 14.5) {
  console.error('The behaviour has changed: the share is what is kept.');
  process.exit(1);
}
console.log('Still so: what should be kept is cut.');
EOF
node probe.cjs
