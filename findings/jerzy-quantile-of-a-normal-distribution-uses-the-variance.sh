#!/usr/bin/env bash
# The 97.5 % quantile of jerzy's normal distribution with variance 4 is 7.84, not 3.92: it is stretched by the variance, not by its root.
#
# Package: jerzy 0.2.1. Any Node from 20.
#
# Expected: inverse() undoes distr(); the quantile of mean 0 and standard deviation 2 is 2 x 1.96.
# Seen: the constructor takes a variance, the density and the distribution use its root, inverse() multiplies by the variance itself. distr(inverse(0.975))
# is 0.99996. With the variance 1, that of StandardNormal, nothing is to be seen.
# Why it matters: thresholds that keep 97.5 % of normally distributed activations come out twice too high for a variance of 4, and half as high as they
# should be for 0.25.
# Output seen: variance 1: 1.96 and 0.975; 4: 7.84 and 0.99996; 0.25: 0.49 and 0.836.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jerzy@0.2.1

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const jerzy = require('jerzy');

console.log('jerzy', JSON.parse(readFileSync('node_modules/jerzy/package.json', 'utf8')).version);
const there = (variance) => {
  const normal = new jerzy.Normal(0, variance);
  const quantile = normal.inverse(0.975);
  console.log(`variance ${variance}: the 97.5 % quantile is ${quantile.toFixed(3)}, below which lie ${(100 * normal.distr(quantile)).toFixed(3)} %`);
  return quantile;
};
const [one, four, quarter] = [1, 4, 0.25].map(there);
const below = new jerzy.Normal(0, 4).distr(3.92);
if (Math.abs(one - 1.96) > 1e-3 || Math.abs(below - 0.975) > 1e-4) throw new Error('the distribution is not what this probe expects');
if (Math.abs(four - 7.84) > 1e-3 || Math.abs(quarter - 0.49) > 1e-3) {
  console.error('The behaviour has changed: the quantile grows with the standard deviation.');
  process.exit(1);
}
console.log('Still so: the quantile grows with the variance.');
EOF
node probe.cjs
