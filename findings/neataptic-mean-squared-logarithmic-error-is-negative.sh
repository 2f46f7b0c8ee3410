#!/usr/bin/env bash
# The mean squared logarithmic error of neataptic squares nothing: it is negative where outputs are too large, and opposite errors cancel.
#
# Package: neataptic 1.4.7. Any Node from 20.
#
# Expected: cost.MSLE, "Mean Squared Logarithmic Error", is the mean of the squared differences of logarithms, 0 at best.
# Seen: it is a sum of log(target) - log(output), neither squared nor divided by the number of outputs. Targets of 0.5 with outputs of 1 cost -1.39,
# with outputs of 0.25 and 1 they cost 0, as a perfect answer does.
# Why it matters: train() stops as soon as the error is below its goal, so a network whose outputs are too large is finished at once, and evolution
# breeds for outputs as large as they get.
# Output seen: too large -1.386, too small 1.386, one of each 0, perfect 0; mean squared differences of logarithms 0.480, 0.480, 0.480, 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund neataptic@1.4.7

cat > probe.cjs <<'EOF'
const { methods } = require('neataptic');

console.log('neataptic', require('neataptic/package.json').version);
const { MSLE, MSE } = methods.cost;
const mean = (list) => list.reduce((sum, value) => sum + value, 0) / list.length;
const wanted = (target, output) => mean(target.map((value, i) => (Math.log(value) - Math.log(output[i])) ** 2));
const TARGET = [0.5, 0.5];
const cases = { 'too large': [1, 1], 'too small': [0.25, 0.25], 'one of each': [0.25, 1], perfect: [0.5, 0.5] };
const seen = {};
for (const [what, output] of Object.entries(cases)) {
  seen[what] = MSLE(TARGET, output);
  console.log(`${what}: MSLE ${seen[what].toFixed(3)}, the mean of squares ${wanted(TARGET, output).toFixed(3)}; MSE ${MSE(TARGET, output).toFixed(3)}`);
}
if (Math.abs(MSE(TARGET, [1, 0.5]) - 0.125) > 1e-12) throw new Error('MSE is not what this probe expects');
const near = (a, b) => Math.abs(a - b) < 1e-9;
if (!near(seen['too large'], -2 * Math.LN2) || !near(seen['too small'], 2 * Math.LN2) || !near(seen['one of each'], 0)) {
  console.error('The behaviour has changed: the error is another one.');
  process.exit(1);
}
console.log('Still so: opposite errors cancel, and the squared error is negative.');
EOF
node probe.cjs
