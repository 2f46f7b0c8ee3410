#!/usr/bin/env bash
# In statistics.js the p-value of two samples without any overlap rises from 0.0002 to 1 as the samples grow from 10 to 100.
#
# Package: statistics.js 1.0.0. Any Node from 20.
#
# Expected: more of the same evidence makes p smaller. Two samples of which every number of one is below every number of the other have p = 1e-34 at 100.
# Seen: the normal distribution is a series of 25 terms (option zTableIterations), which is right up to about 4.5 and returns to a half beyond: P(z < 5)
# is 0.99959, less than P(z < 3.5), and P(z < 10) is 0.50002. The Mann-Whitney test, the rank correlations and their p-values go through it.
# Why it matters: hundreds of images a sample are usual for networks, and then the clearest result is reported as none.
# Output seen: P(z < 3.5) 0.99977, 5 0.99959, 10 0.50002; samples of 10: z -3.78, p 0.00016; of 100: z -12.2, p 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund statistics.js@1.0.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const Statistics = require('statistics.js');

console.log('statistics.js', JSON.parse(readFileSync('node_modules/statistics.js/package.json', 'utf8')).version);
const test = (size) => {
  const rows = Array.from({ length: 2 * size }, (_, value) => ({ group: value < size ? 'a' : 'b', value }));
  const statistics = new Statistics(rows, { group: 'nominal', value: 'metric' }, { suppressWarnings: true });
  const { MannWhitneyU, zScore, pTwoTailed } = statistics.mannWhitneyU('group', 'value');
  console.log(`two samples of ${size} without overlap: U ${MannWhitneyU}, z ${zScore.toFixed(2)}, p ${pTwoTailed.toFixed(5)}`);
  return { statistics, p: pTwoTailed };
};
const ten = test(10);
const hundred = test(100);
const normal = [1.96, 3.5, 5, 10].map((z) => ten.statistics.normalCumulativeValue(z));
console.log(`P(z < 1.96, 3.5, 5, 10): ${normal.join(', ')}`);
if (Math.abs(normal[0] - 0.975) > 1e-4 || ten.p > 0.001) throw new Error('small z-scores are not what this probe expects');
if (hundred.p < 0.9 || normal[2] >= normal[1] || normal[3] > 0.51) {
  console.error('The behaviour has changed: a larger z-score has a smaller p-value.');
  process.exit(1);
}
console.log('Still so: the clearest difference has the p-value 1.');
EOF
node probe.cjs
