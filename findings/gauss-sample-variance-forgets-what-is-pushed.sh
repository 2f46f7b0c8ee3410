#!/usr/bin/env bash
# The sample variance of a gauss vector stays what it was when numbers are pushed to it; the population variance does not.
#
# Package: gauss 0.2.12. Any Node from 20.
#
# Expected: the documentation says of push that it maintains streaming calculations. The sample variance of 1, 2, 3, 100 is 2401.67.
# Seen: sample.variance() is remembered when it is first asked for. push renews what is remembered of the sum, the product and the population variance,
# and of the contents, so the vector looks unchanged, but leaves the sample variance alone: it is 1, that of 1, 2, 3, from then on, and so is
# sample.stdev(). A vector that was not asked before the push is right.
# Why it matters: a benchmark that pushes runs until its spread is small enough stops for the spread of the first two, and error bars never move.
# Output seen: 1, 2, 3: 1; after a push of 100: sample variance 1 and population variance 1801.25; of a new vector: 2401.67.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund gauss@0.2.12

cat > probe.cjs <<'EOF'
const { Vector } = require('gauss');

console.log('gauss', require('gauss/package.json').version);
/** The sum of squared distances from the mean over n - 1. */
const sampleVariance = (numbers) => {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (numbers.length - 1);
};
const near = (a, b) => Math.abs(a - b) < 1e-9;
const vector = new Vector([1, 2, 3]);
const before = vector.sample.variance();
vector.push(100);
const after = vector.sample.variance();
const right = sampleVariance([...vector]);
const fresh = new Vector([1, 2, 3, 100]).sample.variance();
const unasked = new Vector([1, 2, 3]);
unasked.push(100);
console.log(`1, 2, 3: ${before}; with 100 pushed: ${after} (right: ${right.toFixed(2)}), population ${vector.variance()}; new: ${fresh.toFixed(2)}`);
if (!near(before, 1) || !near(fresh, right) || !near(unasked.sample.variance(), right) || !near(vector.variance(), (right * 3) / 4)) {
  throw new Error('the other variances are not what this probe expects');
}
if (after !== before) {
  console.error('The behaviour has changed: the pushed number counts.');
  process.exit(1);
}
console.log('Still so: the sample variance is that before the push.');
EOF
node probe.cjs
