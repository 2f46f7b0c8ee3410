#!/usr/bin/env bash
# jStat's Poisson probability of 170 events at a mean of 170 is Infinity, of 171 events NaN; binomial ones fail from 1030 trials on.
#
# Package: jstat 1.9.6. Any Node from 20.
#
# Expected: probabilities between 0 and 1. Near their mean they are about 0.03: poisson.pdf(170, 170) = 0.0306, binomial.pdf(515, 1030, 0.5) = 0.0249.
# Seen: the Poisson density divides a power by a factorial, both of which leave the range of a double, and cdf adds such densities up. The
# binomial density multiplies a number of combinations, which is Infinity from 1030 trials on, by tiny powers; binomial.cdf, computed
# another way, is right for the same arguments.
# Why it matters: tests of counts of errors (McNemar, sign test, exact intervals) on a thousand images and more. Infinity times a weight or a
# comparison such as p < 0.05 goes on without an error: NaN is never significant.
# Output seen: poisson.pdf 170: Infinity, 171: NaN; poisson.cdf(171, 171): NaN; binomial.pdf514 of 1028: right, 515 of 1030: Infinity.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jstat@1.9.6

cat > probe.cjs <<'EOF'
const { jStat } = require('jstat');

/** Natural logarithm of n!, as a sum. */
const logFactorial = (n) => {
  let sum = 0;
  for (let k = 2; k <= n; k++) sum += Math.log(k);
  return sum;
};
const poisson = (k, mean) => Math.exp(k * Math.log(mean) - mean - logFactorial(k));
const half = (k, n) => Math.exp(logFactorial(n) - logFactorial(k) - logFactorial(n - k) - n * Math.LN2);
const say = (what, seen, right) => {
  console.log(`${what}: ${seen} (right: ${right.toFixed(5)})`);
  return seen;
};

console.log('jstat', require('jstat/package.json').version);
const seen = [
  say('poisson.pdf(100, 100)', jStat.poisson.pdf(100, 100), poisson(100, 100)),
  say('poisson.pdf(170, 170)', jStat.poisson.pdf(170, 170), poisson(170, 170)),
  say('poisson.pdf(171, 171)', jStat.poisson.pdf(171, 171), poisson(171, 171)),
  say('binomial.pdf(514, 1028, 0.5)', jStat.binomial.pdf(514, 1028, 0.5), half(514, 1028)),
  say('binomial.pdf(515, 1030, 0.5)', jStat.binomial.pdf(515, 1030, 0.5), half(515, 1030)),
];
if (Math.abs(seen[0] - poisson(100, 100)) > 1e-9 || Math.abs(seen[3] - half(514, 1028)) > 1e-6) throw new Error('small counts are wrong too');
if (seen[1] !== Infinity || !Number.isNaN(seen[2]) || seen[4] !== Infinity) {
  console.error('The behaviour has changed: larger counts have another probability.');
  process.exit(1);
}
console.log('Still so: probabilities of larger counts are infinite or not a number.');
EOF
node probe.cjs
