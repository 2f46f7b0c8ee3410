#!/usr/bin/env bash
# A quarter of what lies at 0 and at 10 lies below -5, says xyCumulativeDistributionStatistics, and its middle is 0.
#
# Package: ml-spectra-processing 14.35.1. Any Node from 20.
#
# Expected: for a symmetric distribution x50 is its mean, and x25 and x75 lie equally far from it, none of them outside of the data.
# Seen: the sums up to every point are interpolated as if each point's share were spread over the interval in front of it, so that x25, x50 and x75 lie
# half a step too low, while xMean is right. What the first point holds has no interval: of two equal points x25 is -5, outside the data, and with a share of
# exactly a quarter up to a flat part it is 0 / 0.
# Why it matters: a histogram of activations often has its largest bin first, at 0. Its quartiles are then negative.
# Output seen: two equal points 0 and 10: x25 -5, x50 0, x75 5, xMean 5; a bell at 50: x50 49.5, xMean 50; five ones at 0 to 4: x50 1.5, xMean 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-spectra-processing@14.35.1

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { xyCumulativeDistributionStatistics } from 'ml-spectra-processing';

console.log('ml-spectra-processing', JSON.parse(readFileSync('node_modules/ml-spectra-processing/package.json', 'utf8')).version);
const measure = (what, x, y) => {
  const { x25, x50, x75, xMean } = xyCumulativeDistributionStatistics({ x, y });
  const row = [x25, x50, x75, xMean].map((value) => +value.toFixed(4));
  console.log(`${what}: x25 ${row[0]}, x50 ${row[1]}, x75 ${row[2]}, xMean ${row[3]}`);
  return row;
};
const range = (n) => Array.from({ length: n }, (_, i) => i);
const pair = measure('1 at 0 and at 10', [0, 10], [1, 1]);
const five = measure('1 at 0 to 4', range(5), [1, 1, 1, 1, 1]);
const bell = measure('a bell around 50', range(101), range(101).map((x) => Math.exp(-((x - 50) ** 2) / 50)));
if (pair[3] !== 5 || five[3] !== 2 || bell[3] !== 50) throw new Error('the means are not what this probe expects');
if (pair[0] !== -5 || pair[1] !== 0 || five[1] !== 1.5 || bell[1] !== 49.5) {
  console.error('The behaviour has changed: the middle of a symmetric distribution is its mean.');
  process.exit(1);
}
console.log('Still so: quartiles lie half a step too low, and below the data.');
EOF
node probe.mjs
