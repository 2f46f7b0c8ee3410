#!/usr/bin/env bash
# In ml-stat the mean of 5, 5 and 5 with the weights 1, 1 and 2 is 20, and its weighted variance is 360.
#
# Package: ml-stat 1.3.3. Any Node from 20.
#
# Expected: a weighted mean lies between the smallest and the largest number, and equal numbers have no variance, whatever the weights. grandMean(), which
# is the same for means and sample sizes, divides by the sum.
# Seen: weightedMean() is the sum of products. weightedVariance() has a correction for weights of any sum, but takes the squares around that "mean", 15
# away from all numbers. With weights that add up to 1 all is right.
# Why it matters: counts are the weights at hand (MACs of a layer, pixels of a region), and the variance looks like a number and not like an error.
# Output seen: weights 1, 1, 2: mean 20, variance 360, grandMean 5; weights 0.25, 0.25, 0.5: 5, 0, 5.
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
const fives = [5, 5, 5];
const measure = (weights) => {
  const values = [array.weightedMean(fives, weights), array.weightedVariance(fives, weights), array.grandMean(fives, weights)];
  console.log(`5, 5, 5 with the weights ${weights.join(', ')}: mean ${values[0]}, variance ${values[1]}, grandMean ${values[2]}`);
  return values.join();
};
const counts = measure([1, 1, 2]);
const shares = measure([0.25, 0.25, 0.5]);
if (shares !== '5,0,5') throw new Error('shares are not what this probe expects');
if (counts !== '20,360,5') {
  console.error('The behaviour has changed: the weighted mean of fives is another.');
  process.exit(1);
}
console.log('Still so: the weighted mean of fives is 20.');
EOF
node probe.cjs
