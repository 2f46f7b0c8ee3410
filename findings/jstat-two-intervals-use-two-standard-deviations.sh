#!/usr/bin/env bash
# jStat's normalci and tci of the same array use different standard deviations: one divides by n, the other by n - 1.
#
# Package: jstat 1.9.6. Any Node from 20.
#
# Expected: two confidence intervals for the mean of the same numbers differ by the quantile alone: their widths are as 1.960 to the quantile
# of Student's distribution.
# Seen: for [8, 10, 12] normalci is 10 -+ 1.848, which is 1.960 times 1.633 / sqrt(3), the deviation of a whole population; tci is 10 -+ 4.968,
# which is 4.303 times 2 / sqrt(3), that of a sample. With deviation and count given as numbers the two agree in what they mean.
# Why it matters: an interval for an accuracy over three or five runs is the usual case. The normal one is too narrow by a factor
# sqrt(1 - 1/n) beyond what the quantile explains: 18 % for three runs.
# Output seen: normalci half width 1.848 (1.633 per root of n), tci 4.968 (2.000).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jstat@1.9.6

cat > probe.cjs <<'EOF'
const { jStat } = require('jstat');

const runs = [8, 10, 12];
const root = Math.sqrt(runs.length);
console.log('jstat', require('jstat/package.json').version);
const deviation = (name, [low, high], quantile) => {
  const half = (high - low) / 2;
  const implied = (half / quantile) * root;
  console.log(`${name}: half width ${half.toFixed(3)}, so the standard deviation is ${implied.toFixed(3)}`);
  return implied;
};
const z = jStat.normal.inv(0.975, 0, 1);
const t = jStat.studentt.inv(0.975, runs.length - 1);
const normal = deviation('normalci', jStat.normalci(10, 0.05, runs), z);
const student = deviation('tci', jStat.tci(10, 0.05, runs), t);
if (Math.abs(normal - Math.sqrt(8 / 3)) > 1e-6 || Math.abs(student - 2) > 1e-6) {
  console.error('The behaviour has changed: the two intervals use another deviation.');
  process.exit(1);
}
console.log('Still so: the normal interval divides by n, the other by n - 1.');
EOF
node probe.cjs
