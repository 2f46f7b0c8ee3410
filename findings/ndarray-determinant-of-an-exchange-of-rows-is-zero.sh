#!/usr/bin/env bash
# ndarray-determinant finds [[0, 1], [1, 0]] and every other matrix that begins with a zero singular.
#
# Package: ndarray-determinant 1.0.0. Any Node from 20.
#
# Expected: the determinant of [[0, 1], [1, 0]] is -1, and that of [[0, 2, 3], [1, 1, 1], [2, 0, 1]] is -4; the documentation names no condition but that
# the matrix is square.
# Seen: both are 0. The matrix is decomposed without exchanging rows, and a decomposition that cannot go on leaves zeros, which are multiplied as if it
# had ended. The same happens where a zero arises on the way, as in [[1, 1, 0], [1, 1, 1], [0, 1, 1]], whose determinant is -1. ndarray-inv inverts these
# matrices rightly.
# Why it matters: a 0 says that there is no inverse, that points lie in a line, or that a covariance has lost a rank; permutations and rotations by 90
# degrees begin with a zero.
# Output seen: [[0, 1], [1, 0]]: 0; the second 0, the third 0; [[1, 2, 3], [4, 5, 6], [7, 8, 10]]: -3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ndarray-determinant@1.0.0 ndarray@1.0.19

cat > probe.cjs <<'EOF'
const ndarray = require('ndarray');
const determinant = require('ndarray-determinant');

console.log('ndarray-determinant', require('ndarray-determinant/package.json').version);
/** Expansion along the first row. */
const expanded = (rows) =>
  rows.length === 1 ? rows[0][0] : rows[0].reduce((sum, x, i) => sum + (-1) ** i * x * expanded(rows.slice(1).map((row) => row.filter((_, j) => j !== i))), 0);
const seen = (rows) => {
  const value = determinant(ndarray(Float64Array.from(rows.flat()), [rows.length, rows.length]));
  console.log(`${JSON.stringify(rows)}: ${value} (right: ${expanded(rows)})`);
  return { value, right: expanded(rows) };
};
const usual = seen([[1, 2, 3], [4, 5, 6], [7, 8, 10]]);
const singular = [[[0, 1], [1, 0]], [[0, 2, 3], [1, 1, 1], [2, 0, 1]], [[1, 1, 0], [1, 1, 1], [0, 1, 1]]].map(seen);
if (Math.abs(usual.value - usual.right) > 1e-9 || usual.right !== -3) throw new Error('a matrix without zeros is not what this probe expects');
if (singular.some(({ value, right }) => value !== 0 || right === 0)) {
  console.error('The behaviour has changed: rows are exchanged.');
  process.exit(1);
}
console.log('Still so: a zero in the wrong place makes a matrix singular.');
EOF
node probe.cjs
