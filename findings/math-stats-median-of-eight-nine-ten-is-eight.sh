#!/usr/bin/env bash
# The median of math-stats sorts numbers as words: of 8, 9, 10 it is 8, of 9, 10, 100 it is 100.
#
# Package: math-stats 0.3.1. Any Node from 20.
#
# Expected: the median of 8, 9, 10 is 9, and the example of the documentation, 1, 2, 3, has 2.
# Seen: the numbers are sorted by the letters of their decimal form, so 10 stands before 8, and -1 before -2. Numbers of the same number of digits, as in
# the documentation and in its tests, are right. The list that was passed is left sorted that way.
# Why it matters: latencies of 8 to 12 ms, accuracies with 1e-7 among them and anything that crosses a power of ten have a median from the edge of the
# list.
# Output seen: 8, 9, 10: 8; 9, 10, 100: 100; -3, -2, -1: -2; 1, 2, 3: 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund math-stats@0.3.1

cat > probe.cjs <<'EOF'
const { median } = require('math-stats');

console.log('math-stats', require('math-stats/package.json').version);
const right = (numbers) => [...numbers].sort((a, b) => a - b)[(numbers.length - 1) / 2];
const seen = (numbers) => {
  const value = median([...numbers]);
  console.log(`${numbers.join(', ')}: ${value} (right: ${right(numbers)})`);
  return value;
};
if (seen([3, 1, 2]) !== 2 || seen([22, 33, 11]) !== 22) throw new Error('numbers of equal length are not what this probe expects');
if (seen([8, 9, 10]) !== 8 || seen([9, 10, 100]) !== 100) {
  console.error('The behaviour has changed: numbers are sorted as numbers.');
  process.exit(1);
}
console.log('Still so: 10 comes before 8.');
EOF
node probe.cjs
