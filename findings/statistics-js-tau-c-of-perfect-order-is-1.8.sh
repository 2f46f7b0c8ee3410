#!/usr/bin/env bash
# Kendall's tau-c of ten pairs in perfect order is 1.8 in statistics.js, where tau-a is 1; the largest possible is 1.
#
# Package: statistics.js 1.0.0. Any Node from 20.
#
# Expected: tau-c (Stuart) is 2 m (C - D) / (n^2 (m - 1)) for n pairs, C of them concordant, D discordant, and m distinct values, the fewer of both columns.
# That is 1 for perfect order.
# Seen: it is 4 (C - D) / n^2, the formula for two distinct values, whatever there are: 1.5 for four pairs in order, 1.8 for ten, towards 2; -1.8 in
# reverse. tau-a is right, and so is tau-c for a yes or no.
# Why it matters: rank correlation says whether a cheap importance metric orders regions as the true one does; 0.9 may be 0.45.
# Output seen: 4 pairs 1.5, 5 1.6, 10 1.8; reversed -1.8; two distinct values 1.
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
const tau = (what, first, second) => {
  const rows = first.map((x, i) => ({ x, y: second[i] }));
  const { a, c } = new Statistics(rows, { x: 'metric', y: 'metric' }, { suppressWarnings: true }).kendallsTau('x', 'y');
  console.log(`${what}: tau-a ${a.tauA.toFixed(3)}, tau-c ${c.tauC.toFixed(3)}`);
  return { a: a.tauA, c: c.tauC };
};
const range = (n) => Array.from({ length: n }, (_, i) => i + 1);
const four = tau('4 pairs in order', range(4), range(4));
const ten = tau('10 pairs in order', range(10), range(10));
const reverse = tau('10 pairs in reverse', range(10), range(10).reverse());
const binary = tau('two distinct values, in order', [1, 1, 2, 2], [1, 1, 2, 2]);
if (four.a !== 1 || ten.a !== 1 || reverse.a !== -1 || binary.c !== 1) throw new Error('tau-a is not what this probe expects');
if (Math.abs(four.c - 1.5) > 1e-9 || Math.abs(ten.c - 1.8) > 1e-9 || Math.abs(reverse.c + 1.8) > 1e-9) {
  console.error('The behaviour has changed: tau-c is between -1 and 1.');
  process.exit(1);
}
console.log('Still so: tau-c of perfect order exceeds 1.');
EOF
node probe.cjs
