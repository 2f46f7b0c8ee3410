#!/usr/bin/env bash
# The 95 % confidence interval of a median of @bunchmark/stats is that of 50 %.
#
# Package: @bunchmark/stats 1.0.0-pre-5. Any Node from 20.
#
# Expected: "lowCI and highCI are the bounds of the p=.95 confidence interval over the median" (README); the comment beside the code has the usual
# formula, n / 2 +- 1.96 sqrt(n / 4), which for 0 to 100 is 40 to 60. (The README calls the function getStats; it is exported as getQuantiles.)
# Seen: z is asked for at 1 - 0.25 and not 1 - 0.025: it is 0.674, the quartile of the normal distribution. Of 0 to 100 the interval is 46.6 to
# 53.4, and of 2000 samples of 101 draws it holds the true median about half of the time.
# Why it matters: intervals a third as wide make nearly every pair of benchmarks or models differ: "the intervals do not overlap" is then the rule
# for equal ones.
# Output seen: 0 to 100: 46.63 to 53.37, by the formula 40.2 to 59.8; true median inside in about 50 % of 2000 samples.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @bunchmark/stats@1.0.0-pre-5

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { getQuantiles, zForP } from '@bunchmark/stats';

console.log('@bunchmark/stats', JSON.parse(readFileSync('node_modules/@bunchmark/stats/package.json', 'utf8')).version);
const { lowCI, median, highCI } = getQuantiles(Array.from({ length: 101 }, (_, index) => index));
const half = zForP(0.975) * Math.sqrt(100 / 4);
console.log(`0 to 100: median ${median}, interval ${lowCI.toFixed(2)} to ${highCI.toFixed(2)}, by the formula ${(50 - half).toFixed(2)} to ${(50 + half).toFixed(2)}`);

let state = 1;
const draw = () => (state = (state * 48271) % 2147483647) / 2147483647;
let inside = 0;
for (let sample = 0; sample < 2000; sample++) {
  const found = getQuantiles(Array.from({ length: 101 }, draw));
  if (found.lowCI <= 0.5 && 0.5 <= found.highCI) inside++;
}
console.log(`the true median is inside in ${(inside / 20).toFixed(1)} % of 2000 samples of 101 draws`);
if (median !== 50 || Math.abs(half - 9.8) > 0.01) throw new Error('the median or z of 0.975 is not what this probe expects');
if (Math.abs(lowCI - 46.63) > 0.01 || inside > 1200) {
  console.error('The behaviour has changed: the interval is another one.');
  process.exit(1);
}
console.log('Still so: the interval of 95 % is that of 50 %.');
EOF
node probe.mjs
