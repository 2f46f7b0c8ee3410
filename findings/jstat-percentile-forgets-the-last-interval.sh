#!/usr/bin/env bash
# percentile of jStat interpolates everywhere but between the two largest numbers, so an upper limit is too low and a lower one is not.
#
# Package: jstat 1.9.6. Any Node from 20.
#
# Expected: linear interpolation as in spreadsheets and NumPy, symmetric: for 1 to 10 the 10th percentile is 1.9 and the 90th is 9.1.
# Seen: the 10th is 1.9, the 90th is 9, and so is every percentile from there up to, but not including, the 100th, which is 10. Inside
# the last interval the fraction is dropped. Mirroring the data does not mirror the result.
# Why it matters: the 2.5th and 97.5th percentile of resampled accuracies are a bootstrap interval. With fewer than 40 resamples
# the upper limit falls on the second largest value; the lower one is interpolated. The interval leans to one side.
# Output seen: 10 % 1.9, 90 % 9 (right 9.1), 97.5 % 9 (right 9.775), 100 % 10.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jstat@1.9.6

cat > probe.cjs <<'EOF'
const { jStat } = require('jstat');

const numbers = Array.from({ length: 10 }, (_, i) => i + 1);
/** Linear interpolation between order statistics, place k (n - 1) from zero: what spreadsheets call the inclusive percentile. */
const interpolated = (k) => {
  const place = k * (numbers.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, numbers.length - 1);
  return numbers[below] + (place - below) * (numbers[above] - numbers[below]);
};

console.log('jstat', require('jstat/package.json').version);
const seen = Object.fromEntries(
  [0.025, 0.1, 0.5, 0.8, 0.9, 0.975, 0.999, 1].map((k) => {
    const value = jStat.percentile(numbers, k);
    console.log(`${(100 * k).toFixed(1)} %: ${value.toFixed(3)} (interpolated: ${interpolated(k).toFixed(3)})`);
    return [k, value];
  }),
);
const right = (k) => Math.abs(seen[k] - interpolated(k)) < 1e-9;
if (![0.025, 0.1, 0.5, 0.8, 1].every(right)) throw new Error('percentile differs below the last interval');
if (seen[0.9] !== 9 || seen[0.975] !== 9 || seen[0.999] !== 9) {
  console.error('The behaviour has changed: the last interval is now interpolated.');
  process.exit(1);
}
console.log('Still so: from the second largest number on nothing is interpolated.');
EOF
node probe.cjs
