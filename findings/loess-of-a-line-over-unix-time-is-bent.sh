#!/usr/bin/env bash
# The LOESS of commons-math-interpolation bends a straight line when x is a time in seconds since 1970.
#
# Package: commons-math-interpolation 2.2.4. Any Node from 20.
#
# Expected: local linear regression gives a straight line back as it is, wherever it lies. Over x = 0 to 20 it does.
# Seen: the variance of x within a window is computed as the mean of the squares minus the square of the mean. At 1.7e9 the squares have a step of
# 512, and the variance of a few seconds is lost in it: what is left is 0, or noise. Where it is below a limit the slope is taken for 0, so that
# each point becomes a plain weighted mean: the ends of a line from 0 to 20 are 3.8 and 16.2. With milliseconds even twenty points a minute apart
# wobble.
# Why it matters: logs of training are series over time stamps. The smoothed curve flattens at both ends, which looks like a plateau of the loss and
# is none.
# Output seen: y of the first and last three of 21 points: from 0 on 0, 1, 2 and 18, 19, 20; from 1.7e9 on 3.82, 3.95, 4.11 and 15.88, 16.03, 16.19.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund commons-math-interpolation@2.2.4

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { createLoessInterpolator } from 'commons-math-interpolation';

console.log('commons-math-interpolation', JSON.parse(readFileSync('node_modules/commons-math-interpolation/package.json', 'utf8')).version);
const smooth = (start) => {
  const yVals = Array.from({ length: 21 }, (_, index) => index);
  const xVals = yVals.map((y) => start + y);
  const curve = createLoessInterpolator({ xVals, yVals, bandwidthFraction: 0.5 });
  const seen = xVals.map((x) => +curve(x).toFixed(2));
  console.log(`x from ${start} on: ${seen.join(', ')}`);
  return seen;
};
const zero = smooth(0);
const time = smooth(1_700_000_000);
if (zero.some((y, index) => y !== index)) throw new Error('the line from 0 on is not what this probe expects');
if (time[0] < 1 || time[20] > 19) {
  console.error('The behaviour has changed: the line is less bent.');
  process.exit(1);
}
console.log('Still so: a straight line over times is bent.');
EOF
node probe.mjs
