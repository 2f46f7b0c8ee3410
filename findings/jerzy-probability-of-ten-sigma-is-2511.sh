#!/usr/bin/env bash
# In jerzy the probability that a normally distributed number is below 10 is 2511, and below -10 it is -2510.
#
# Package: jerzy 0.2.1. Any Node from 20.
#
# Expected: probabilities between 0 and 1, growing with the argument.
# Seen: the error function is summed from its alternating Taylor series, whose terms reach 10^20 at 10 / sqrt 2 before they cancel. From 7 on the
# probability falls, at 9 it is 1.067, at 10 it is 2511. The p-value of the Shapiro-Wilk test goes through it.
# Why it matters: z-scores of ten are everyday in comparisons over thousands of images, and what should be the smallest p-value is a number like -2510.
# Output seen: 5 0.999999713, 8 0.999924379, 9 1.066799890, 10 2511.036617935.
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
const normal = new jerzy.StandardNormal();
const probability = new Map([-10, 1, 5, 8, 9, 10].map((z) => [z, normal.distr(z)]));
for (const [z, p] of probability) console.log(`P(z < ${z}) = ${p.toFixed(9)}`);
console.log(`two-sided p of z = 10: ${2 * (1 - probability.get(10))}`);
if (Math.abs(probability.get(1) - 0.841344746) > 1e-8) throw new Error('the distribution is not what this probe expects');
if (!(probability.get(10) > 2) || !(probability.get(-10) < -1) || !(probability.get(8) < probability.get(5))) {
  console.error('The behaviour has changed: probabilities are between 0 and 1.');
  process.exit(1);
}
console.log('Still so: far out probabilities are above 1 and below 0.');
EOF
node probe.cjs
