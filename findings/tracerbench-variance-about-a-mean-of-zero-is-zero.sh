#!/usr/bin/env bash
# The population variance of TracerBench's statistics is 0 when the mean of the numbers is 0.
#
# Package: @tracerbench/stats 8.0.1. Any Node from 20.
#
# Expected: the population variance of -1000, 1000, -500, 500 is 625,000, and moving all numbers by one does not change it.
# Seen: the squares are summed only if the mean is truthy. With the mean 0 there is no sum, and 0 is returned. The same numbers plus one have 625,000.
# Why it matters: differences between paired runs, residuals, centred or standardised numbers have the mean 0 by construction.
# Output seen: -1000, 1000, -500, 500: 0; plus one: 625000.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @tracerbench/stats@8.0.1

cat > probe.cjs <<'EOF'
const { Stats } = require('@tracerbench/stats');

console.log('@tracerbench/stats', require('@tracerbench/stats/package.json').version);
const centred = [-1000, 1000, -500, 500];
const moved = centred.map((x) => x + 1);
const variance = (numbers) => {
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return numbers.reduce((sum, x) => sum + (x - mean) ** 2, 0) / numbers.length;
};
const seen = new Stats({ name: 'probe', control: [...centred], experiment: [...moved], confidenceLevel: 0.95 }).populationVariance;
console.log(`${centred.join(', ')}: ${seen.control} (right: ${variance(centred)}); plus one: ${seen.experiment} (right: ${variance(moved)})`);
if (seen.experiment !== variance(moved)) throw new Error('numbers with another mean are not what this probe expects');
if (seen.control !== 0) {
  console.error('The behaviour has changed: numbers about 0 vary.');
  process.exit(1);
}
console.log('Still so: numbers about 0 have no variance.');
EOF
node probe.cjs
