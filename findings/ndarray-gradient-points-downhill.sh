#!/usr/bin/env bash
# The gradient of ndarray-gradient has the wrong sign: it points to where the values fall.
#
# Package: ndarray-gradient 1.0.1 (with ndarray 1.1.1). Any Node from 20.
#
# Expected: a gradient by central differences is (next - previous) / 2: for the squares 0, 1, 4, 9, 16 it is 2, 4, 6 inside, near the
# derivative, as NumPy and MATLAB give it.
# Seen: it is -2, -4, -6, with each of the three boundary conditions, and in both directions of a picture. At the ends of the default
# condition it is half a difference, -0.5 and -3.5, where one-sided formulas would give 1 and 7: the edge is taken for repeated.
# Why it matters: the magnitude of edges is right, so nothing shows. Whatever uses the direction is reversed: ascent becomes descent, normals of a
# height map point inwards, orientations of edges are off by half a turn.
# Output seen: 0,1,4,9,16 has -0.5,-2,-4,-6,-3.5; a ramp of 10 a row and 1 a column has -10 and -1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ndarray@1.1.1 ndarray-gradient@1.0.1

cat > probe.cjs <<'EOF'
const ndarray = require('ndarray');
const gradient = require('ndarray-gradient');

console.log('ndarray-gradient', require('ndarray-gradient/package.json').version);
const SQUARES = [0, 1, 4, 9, 16];
const line = (condition) => {
  const target = ndarray(new Float64Array(5), [5, 1]);
  gradient(target, ndarray(Float64Array.from(SQUARES), [5]), condition);
  return [...target.data];
};
const ramp = ndarray(new Float64Array(2 * 25), [5, 5, 2]);
gradient(ramp, ndarray(Float64Array.from({ length: 25 }, (_, i) => 10 * Math.floor(i / 5) + (i % 5)), [5, 5]));
const middle = [ramp.get(2, 2, 0), ramp.get(2, 2, 1)];
const seen = ['clamp', 'mirror', 'wrap'].map((condition) => {
  const values = line(condition);
  console.log(`${SQUARES.join()} with ${condition}: ${values.join()}`);
  return values.slice(1, 4).join();
});
console.log('a ramp of 10 a row and 1 a column, amid it:', middle.join());
if (!seen.every((inside) => inside.replaceAll('-', '') === '2,4,6')) throw new Error('the magnitudes are not what this probe expects');
if (!seen.every((inside) => inside === '-2,-4,-6') || middle.join() !== '-10,-1') {
  console.error('The behaviour has changed: the gradient points uphill.');
  process.exit(1);
}
console.log('Still so: where values rise the gradient is negative.');
EOF
node probe.cjs
