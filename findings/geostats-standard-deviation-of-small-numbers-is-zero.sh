#!/usr/bin/env bash
# The standard deviation of 0.91 to 0.95 is 0 in geostats, also when rounding is turned off, and all of its classes have the same bounds.
#
# Package: geostats 2.1.0. Any Node from 20.
#
# Expected: the population standard deviation of 0.91, 0.92, 0.93, 0.94, 0.95 is 0.01414. The method has a parameter for rounding.
# Seen: the variance, 0.0002, is rounded to two decimals before the root is taken, and nothing turns that off. Anything that varies by less than 0.07 has
# the standard deviation 0, the coefficient of variation 0, and classes by standard deviation that begin and end at the mean.
# Why it matters: accuracies, probabilities and losses vary that little; their map of classes is one colour, and an accuracy of several runs looks exact.
# Output seen: 0.91 to 0.95: 0, without rounding 0, bounds 0.93, 0.93, 0.93, 0.93, 0.93; times 100: 1.41.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund geostats@2.1.0

cat > probe.cjs <<'EOF'
const Geostats = require('geostats');

console.log('geostats', require('geostats/package.json').version);
/** The root of the mean squared distance from the mean. */
const deviation = (numbers) => {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return Math.sqrt(numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length);
};
const small = [0.91, 0.92, 0.93, 0.94, 0.95];
const large = [91, 92, 93, 94, 95];
const seen = new Geostats([...small]).stddev();
const unrounded = new Geostats([...small]).stddev(false);
const bounds = new Geostats([...small]).getClassStdDeviation(4);
const scaled = new Geostats([...large]).stddev();
console.log(`0.91 to 0.95: ${seen}, without rounding ${unrounded} (right: ${deviation(small).toFixed(5)})`);
console.log(`classes by standard deviation: ${bounds.map((bound) => bound.toFixed(4)).join(', ')}`);
console.log(`91 to 95: ${scaled} (right: ${deviation(large).toFixed(5)})`);
if (Math.abs(scaled - deviation(large)) > 0.01) throw new Error('larger numbers are not what this probe expects');
if (seen !== 0 || unrounded !== 0 || bounds.some((bound) => Math.abs(bound - 0.93) > 1e-9)) {
  console.error('The behaviour has changed: small numbers have a standard deviation.');
  process.exit(1);
}
console.log('Still so: small numbers do not vary.');
EOF
node probe.cjs
