#!/usr/bin/env bash
# The smoothing spline of spline-interpolator is 8.17 just before and just behind its last point, and 10 in it.
#
# Package: spline-interpolator 1.0.0. Any Node from 20.
#
# Expected: a smooth curve. With lambda below 1 it passes beside the points, beside the last one too, as it does at the first.
# Seen: for the last x the last y is returned as it was given, whatever the smoothing. A millionth before it and a millionth behind it the curve is at
# 8.166. min(), max() and range() sample the curve and leave its end out, so that the maximum of a straight line from 0 to 4 is 3.96.
# Why it matters: curves of accuracy against bits are smoothed and drawn to their last point, whose noise comes back as a spike.
# Output seen: 3.999999 8.166, 4 10, 4.000001 8.166; first point -0.285 (given 0); range of a line 0 to 3.96.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund spline-interpolator@1.0.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const SplineInterpolator = require('spline-interpolator');

console.log('spline-interpolator', JSON.parse(readFileSync('node_modules/spline-interpolator/package.json', 'utf8')).version);
const smooth = new SplineInterpolator([0, 1, 2, 3, 4], [0, 3, 1, 4, 10], 0.2);
const near = [0, 3.999999, 4, 4.000001].map((x) => smooth.interpolate(x));
const [start, before, end, behind] = near.map((y) => y.toFixed(3));
console.log(`through 0, 3, 1, 4, 10 with lambda 0.2: at 0 ${start}, just before 4 ${before}, at 4 ${end}, behind ${behind}`);
const line = new SplineInterpolator([0, 1, 2, 3, 4], [0, 1, 2, 3, 4]);
console.log(`a line from 0 to 4 has the range ${line.range().map((y) => +y.toFixed(6)).join(' to ')}`);
if (near[0] === 0 || Math.abs(near[1] - near[3]) > 1e-4) throw new Error('the curve is not what this probe expects');
if (near[2] !== 10 || Math.abs(near[1] - 8.166) > 0.01) {
  console.error('The behaviour has changed: the curve is smooth in its last point.');
  process.exit(1);
}
console.log('Still so: the curve jumps in its last point.');
EOF
node probe.cjs
