#!/usr/bin/env bash
# smoothish makes a number that stands between gaps NaN, where it promises to be robust to missing data.
#
# Package: smoothish 1.0.0. Any Node from 20.
#
# Expected: smoothing functions "that are robust to missing data" (README). A number with no neighbours within the radius is its own best fit; the
# moving average of the same package leaves it as it is, and so does every one at radius 0.
# Seen: with falloff "step" the default algorithm, least squares, fits a line through the numbers within the radius. Through a single one the slope
# is 0 / 0, and the number becomes NaN, although it was there. Places with a gap and too few neighbours stay gaps.
# Why it matters: sparse series (an evaluation every tenth epoch) are what smoothing over gaps is for: measured points vanish from the curve, and
# sums over it are NaN.
# Output seen: 1, 2, -, -, 5, -, -, 8, 9 with radius 1: moving average 5, least squares NaN in the middle.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund smoothish@1.0.0

cat > probe.cjs <<'EOF'
const smoothish = require('smoothish');

console.log('smoothish', require('smoothish/package.json').version);
const series = [1, 2, null, null, 5, null, null, 8, 9];
const average = smoothish(series, { falloff: 'step', radius: 1, algorithm: 'movingAverage' });
const squares = smoothish(series, { falloff: 'step', radius: 1 });
const exponential = smoothish(series, { radius: 1 });
console.log('moving average:', average.join(', '));
console.log('least squares:', squares.join(', '));
console.log('least squares, exponential falloff:', exponential.map((number) => number.toFixed(2)).join(', '));
if (average[4] !== 5 || squares[0] !== 1 || Math.abs(exponential[4] - 5) > 1e-9) throw new Error('the other ways are not what this probe expects');
if (!Number.isNaN(squares[4])) {
  console.error('The behaviour has changed: the number between gaps is a number.');
  process.exit(1);
}
console.log('Still so: the number between gaps is NaN.');
EOF
node probe.cjs
