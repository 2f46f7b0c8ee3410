#!/usr/bin/env bash
# slice of numjs with a negative step reads its limits from the wrong side: a[5:2:-1] of 0 to 9 is 9, 8, 7, 6, 5.
#
# Package: @d4c/numjs 0.17.35. Any Node from 20.
#
# Expected: "The slicing and striding works exactly the same way it does in NumPy", where a[5:2:-1] is 5, 4, 3 and a[1:4:-1] is empty.
# Seen: slice([5, 2, -1]) gives 9, 8, 7, 6, 5 and slice([1, 4, -1]) gives 3, 2, 1: the array is cut first and then turned, and a start behind the
# stop cuts something else. slice([null, null, -1]) is right. arange(0, 1, 0.1) has 11 numbers where NumPy has 10, and arange(5, 0, -2) none where
# it has 5, 3, 1.
# Why it matters: a port of NumPy code that walks backwards over rows or channels (RGB to BGR is [2, null, -1] or [2, -4, -1]) has other numbers in
# the right shape.
# Output seen: 9,8,7,6,5 (NumPy 5,4,3); 3,2,1 (NumPy none); 11 numbers (NumPy 10); none (NumPy 5,3,1).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @d4c/numjs@0.17.35

cat > probe.cjs <<'EOF'
const module_ = require('@d4c/numjs');
const nj = module_.default ?? module_;

console.log('numjs', require('@d4c/numjs/package.json').version);
const numbers = nj.arange(10);
const slice = (...limits) => numbers.slice(limits).tolist().join();
/** What NumPy does, for limits inside the array: from start in steps until stop is reached, without it. */
const numpy = (start, stop, step) => {
  const taken = [];
  for (let i = start; step > 0 ? i < stop : i > stop; i += step) taken.push(i);
  return taken.join();
};
for (const limits of [[2, 8, 3], [5, 2, -1], [1, 4, -1]]) console.log(`a[${limits.join(':')}]: ${slice(...limits)} (NumPy: ${numpy(...limits)})`);
const tenths = nj.arange(0, 1, 0.1).tolist().length;
const backwards = nj.arange(5, 0, -2).tolist();
console.log(`arange(0, 1, 0.1): ${tenths} numbers (NumPy: 10); arange(5, 0, -2): [${backwards}] (NumPy: [5,3,1])`);
if (slice(2, 8, 3) !== numpy(2, 8, 3) || slice(null, null, -1) !== '9,8,7,6,5,4,3,2,1,0')
  throw new Error('other slices are not what this probe expects');
if (slice(5, 2, -1) !== '9,8,7,6,5' || slice(1, 4, -1) !== '3,2,1' || tenths !== 11 || backwards.length !== 0) {
  console.error('The behaviour has changed: backward slices are those of NumPy.');
  process.exit(1);
}
console.log('Still so: backward slices are others than those of NumPy.');
EOF
node probe.cjs
