#!/usr/bin/env bash
# The chi-squared distribution of js-stats with one degree of freedom is 1 for every number, and with two it is that with one.
#
# Package: js-stats 1.0.5. Any Node from 20.
#
# Expected: with one degree of freedom the probability of at most 3.841 is 0.95, with two that of at most 5.991.
# Seen: whether the degrees are even is found by reading them as a binary number: parseInt(1, 2) is 1 and parseInt(2, 2) is not a number. So 1 is taken
# for even, for which the sum has no term, and 2, 4, 6, 8 for odd, which gives that of one less or worse. Odd degrees from three on are right.
# Why it matters: a table of 2 x 2, hits and misses of two networks, has one degree of freedom, and one of 2 x 3 two. The first is significant whatever it
# holds: p = 0.
# Output seen: degrees and 95 % point: 1 at 3.841: 1; 2 at 5.991: 0.98562; 3 at 7.815: 0.95001; 4 at 9.488: 0.90889; 5 at 11.07: 0.94999.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund js-stats@1.0.5

cat > probe.cjs <<'EOF'
const { ChiSquareDistribution } = require('js-stats');

console.log('js-stats', require('js-stats/package.json').version);
/** The regularised incomplete gamma function P(degrees / 2, x / 2) by its series. */
const chiSquared = (x, degrees) => {
  let term = 1 / (degrees / 2);
  let sum = term;
  for (let k = 1; k < 500; k++) {
    term *= x / 2 / (degrees / 2 + k);
    sum += term;
  }
  let gamma = degrees % 2 ? Math.sqrt(Math.PI) : 1; // of 1/2 or 1, raised to degrees / 2
  for (let a = degrees % 2 ? 0.5 : 1; a < degrees / 2; a++) gamma *= a;
  return (sum * (x / 2) ** (degrees / 2) * Math.exp(-x / 2)) / gamma;
};
const points = [[1, 3.841], [1, 0.1], [2, 5.991], [3, 7.815], [4, 9.488], [5, 11.07]];
const seen = points.map(([degrees, x]) => {
  const value = new ChiSquareDistribution(degrees).cumulativeProbability(x);
  console.log(`${degrees} degrees, at most ${x}: ${value.toFixed(5)} (right: ${chiSquared(x, degrees).toFixed(5)})`);
  return Math.abs(value - chiSquared(x, degrees)) < 1e-4;
});
if (!seen[3] || !seen[5]) throw new Error('three and five degrees are not what this probe expects');
if (new ChiSquareDistribution(1).cumulativeProbability(0.1) !== 1 || seen[2] || seen[4]) {
  console.error('The behaviour has changed: one and two degrees have their own distribution.');
  process.exit(1);
}
console.log('Still so: one degree is certain, and two are one.');
EOF
node probe.cjs
