#!/usr/bin/env bash
# In simple-statistics no z-score, however large, is rarer than one in a thousand; and the quantile of 0 is larger than that of 1e-10.
#
# Package: simple-statistics 7.12.1. Any Node from 20.
#
# Expected: cumulativeStdNormalProbability(5) is 0.9999997 and goes on towards 1; probit, its inverse, never falls as its argument grows.
# Seen: the probability is looked up in a printed table that ends at z = 3.09, so 3.1, 5 and 40 all give 0.999 and -5 gives 0.001. probit
# clamps 0 and 1 to the fourth decimal, so probit(0) is -3.706, above probit(1e-10) = -6.356. errorFunction(0) is -3e-8, not 0.
# Why it matters: the p-value of a comparison of two networks on a large test set never gets below 0.002 (two-sided), so no difference
# survives a correction for many comparisons; and a search that brackets a root of probit finds none.
# Output seen: P(1.96) 0.975, P(5) 0.999, P(40) 0.999, P(-5) 0.001; probit(0) -3.706, probit(1e-10) -6.356.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund simple-statistics@7.12.1

cat > probe.cjs <<'EOF'
const { cumulativeStdNormalProbability: probability, probit, errorFunction } = require('simple-statistics');
const { readFileSync } = require('node:fs');

console.log('simple-statistics', JSON.parse(readFileSync('node_modules/simple-statistics/package.json')).version);
for (const z of [1.96, 3, 5, 40, -5]) console.log(`P(${z}) = ${probability(z)}`);
for (const p of [0.5, 1e-3, 1e-10, 0]) console.log(`probit(${p}) = ${probit(p).toFixed(4)}`);
console.log('errorFunction(0) =', errorFunction(0));

if (Math.abs(probability(1.96) - 0.975) > 1e-4) throw new Error('P(1.96) is not what this probe expects');
if (probability(5) !== 0.999 || probability(40) !== 0.999 || Math.abs(probability(-5) - 0.001) > 1e-9) {
  console.error('The behaviour has changed: the normal probability now goes beyond 0.999.');
  process.exit(1);
}
if (!(probit(0) > probit(1e-10))) {
  console.error('The behaviour has changed: probit(0) is no longer above probit(1e-10).');
  process.exit(1);
}
console.log('Still so: the table ends at 0.999, and probit turns back at 0.');
EOF
node probe.cjs
