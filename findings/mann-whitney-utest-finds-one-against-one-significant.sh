#!/usr/bin/env bash
# mann-whitney-utest calls one number against one number significant, and never two large samples that overlap at all.
#
# Package: mann-whitney-utest 1.0.5. Any Node from 20.
#
# Expected: significant() "tests the U-value against an approximate critical value": U below the one that belongs to its samples' sizes, or, which is
# the same for large samples, |z| above 1.96 for 5 %.
# Seen: criticalValue() returns z, and significant() asks whether U is below z. U grows with the product of the sizes and z is a few units, so the answer
# is yes if hardly any pair is out of order. [1] and [2] are significantly different (U 0, z 1, where the smallest possible p is 1), while the numbers
# 0 to 99 and 60 to 159 are not (U 800 of 10,000, z 10.3, p below 1e-24).
# Why it matters: this is the test for two networks' errors on two sets of images. It says "no difference" for every real sample.
# Output seen: one against one: U 0, z 1, significant; a hundred against a hundred: U 800, z 10.26, not significant.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund mann-whitney-utest@1.0.5

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const mannWhitney = require('mann-whitney-utest');

console.log('mann-whitney-utest', JSON.parse(readFileSync('node_modules/mann-whitney-utest/package.json', 'utf8')).version);
const compare = (what, samples) => {
  const u = mannWhitney.test(samples);
  const z = mannWhitney.criticalValue(u, samples);
  const significant = mannWhitney.significant(u, samples);
  console.log(`${what}: U ${Math.min(...u)} of ${samples[0].length * samples[1].length}, z ${z.toFixed(2)}, significant: ${significant}`);
  return { u: Math.min(...u), z, significant };
};
const hundred = Array.from({ length: 100 }, (_, i) => i);
const one = compare('1 against 2', [[1], [2]]);
const many = compare('0 to 99 against 60 to 159', [hundred, hundred.map((x) => x + 60)]);
if (one.u !== 0 || many.u !== 800 || Math.abs(many.z - 10.262) > 0.001) throw new Error('U and z are not what this probe expects');
if (!one.significant || many.significant) {
  console.error('The behaviour has changed: the answers follow from z or from a table.');
  process.exit(1);
}
console.log('Still so: one against one differs, a hundred against a hundred at z = 10 does not.');
EOF
node probe.cjs
