#!/usr/bin/env bash
# TracerBench's rank sum test finds two identical samples significantly different, and every other pair of samples too.
#
# Package: @tracerbench/stats 8.0.1. Any Node from 20.
#
# Expected: the test of Wilcoxon, Mann and Whitney compares two samples of equal size by the smaller of their U. That of two identical samples is half of
# n^2, its largest value, and is never significant.
# Seen: U is compared with the critical values of the sum of ranks, which are larger by n (n + 1) / 2, and those of one size more. Half of n^2 is below
# them for every n from 3 to 24, so the answer is true for any data.
# Why it matters: the function is for telling whether a change made a program slower; it says yes for a program compared with itself.
# Output seen: a sample against itself: true; interleaved: true; far apart: true; for n = 10 the threshold is 96, the largest possible U 50, and the
# tabled critical U 23.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @tracerbench/stats@8.0.1

cat > probe.cjs <<'EOF'
const { getWilcoxonRankSumTest } = require('@tracerbench/stats');

console.log('@tracerbench/stats', require('@tracerbench/stats/package.json').version);
/** The smaller U, by counting the pairs in which one number is below the other, ties as halves. */
const smallerU = (a, b) => {
  const below = a.reduce((sum, x) => sum + b.reduce((wins, y) => wins + (x < y ? 1 : x === y ? 0.5 : 0), 0), 0);
  return Math.min(below, a.length * b.length - below);
};
const CRITICAL_U_OF_10 = 23; // two-tailed, 5 %: U up to this is significant
const one = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const cases = [
  ['with itself', one, one],
  ['interleaved', [1, 3, 5, 7, 9, 11, 13, 15, 17, 19], [2, 4, 6, 8, 10, 12, 14, 16, 18, 20]],
  ['far apart', one, one.map((x) => x + 100)],
];
const answers = cases.map(([what, a, b]) => {
  const different = getWilcoxonRankSumTest([...a], [...b]);
  console.log(`${what}: ${different} (U is ${smallerU(a, b)}, right: ${smallerU(a, b) <= CRITICAL_U_OF_10})`);
  return different;
});
if (!answers[2]) throw new Error('samples far apart are not what this probe expects');
if (!answers[0] || !answers[1]) {
  console.error('The behaviour has changed: equal samples do not differ.');
  process.exit(1);
}
console.log('Still so: everything differs from everything, and from itself.');
EOF
node probe.cjs
