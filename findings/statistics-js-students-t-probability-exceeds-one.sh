#!/usr/bin/env bash
# Student's t in statistics.js has P(t < 3) = 1.012 at 100 degrees of freedom, 0.77 at 150 and NaN at 300.
#
# Package: statistics.js 1.0.0. Any Node from 20.
#
# Expected: P(t < 3) is 0.9983 at 100 degrees of freedom, 0.9984 at 150 and 0.9985 at 300.
# Seen: for t above 0 the incomplete beta function, cut after 40 terms (option incompleteBetaIterations), goes wrong from some tens of degrees of freedom
# on; for t below 0 it is asked another way and is right. A t-test's p depends on which column comes first: 0.0018 one way, negative the other.
# Why it matters: 100 degrees of freedom are 51 images in each of two groups, or 101 pairs.
# Output seen: 10: 0.99333; 50: 0.99779; 100: 1.01162; 150: 0.77092; 200: 1.13072; 300: NaN; p 0.00182 and, columns exchanged, below 0.
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
const statistics = new Statistics([{ value: 1 }], { value: 'metric' }, { suppressWarnings: true });
const probability = new Map([10, 50, 100, 150, 200, 300].map((df) => [df, statistics.studentsTCumulativeValue(3, df)]));
for (const [df, p] of probability) console.log(`P(t < 3) with ${df} degrees of freedom: ${p.toFixed(5)}`);
const rows = Array.from({ length: 51 }, (_, i) => ({ low: Math.sin(i * 1.7), high: Math.sin(i * 1.7) + 0.45 }));
const samples = new Statistics(rows, { low: 'metric', high: 'metric' }, { suppressWarnings: true });
const [down, up] = [['low', 'high'], ['high', 'low']].map(([first, second]) => samples.studentsTTestTwoSamples(first, second).pTwoSided);
console.log(`t-test of two columns of 51: p ${down.toFixed(5)}, the columns exchanged ${up.toFixed(5)}`);
const few = probability.get(10);
if (Math.abs(few - 0.99333) > 1e-4 || Math.abs(down - 0.0018) > 1e-4) throw new Error('few degrees of freedom are not what this probe expects');
if (!(probability.get(100) > 1) || !(up < 0) || !(probability.get(150) < 0.8) || !Number.isNaN(probability.get(300))) {
  console.error('The behaviour has changed: probabilities of many degrees of freedom are probabilities.');
  process.exit(1);
}
console.log('Still so: a probability above 1.');
EOF
node probe.cjs
