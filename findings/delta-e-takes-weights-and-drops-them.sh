#!/usr/bin/env bash
# delta-e documents weights of lightness, chroma and hue and drops them: differences are the same for all of them.
#
# Package: delta-e 0.0.8. Any Node from 20.
#
# Expected: "weights.lightness: a weight factor to apply to lightness", and so for chroma and hue (documentation of getDeltaE94 and getDeltaE00). A
# weight of 2 halves the share of its term; where two colours differ in that term alone it halves the difference. For textiles CIE94 asks for a
# lightness of 2.
# Seen: getDeltaE94 and getDeltaE00 take two colours and no more; the third argument is left behind. The class dE94 behind them does use weights, of
# lightness and of chroma; it forgets that of hue there too.
# Why it matters: the weights are how a difference is fitted to a task. A threshold tuned with them is a threshold of the plain difference, and no
# number tells.
# Output seen: lightness apart, weights 1, 2, 100: CIE94 10, 10, 10, CIEDE2000 9.47, 9.47, 9.47; hue apart: 40.41 three times, 46.91 three times.
# The class dE94: lightness 10, 5, 0.1, hue 40.41 three times.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund delta-e@0.0.8

cat > probe.cjs <<'EOF'
const DeltaE = require('delta-e');
const dE94 = require('delta-e/src/dE94');

console.log('delta-e', require('delta-e/package.json').version);
const reference = { L: 50, A: 50, B: 0 };
const others = { lightness: { L: 60, A: 50, B: 0 }, chroma: { L: 50, A: 60, B: 0 }, hue: { L: 50, A: 0, B: 50 } };
const ways = {
  getDeltaE94: (other, weights) => DeltaE.getDeltaE94(reference, other, weights),
  getDeltaE00: (other, weights) => DeltaE.getDeltaE00(reference, other, weights),
  'class dE94': (other, weights) => new dE94(reference, other, weights).getDeltaE(),
};
const changes = [];
for (const [way, difference] of Object.entries(ways)) {
  for (const [term, other] of Object.entries(others)) {
    const seen = [1, 2, 100].map((weight) => +difference(other, { [term]: weight }).toFixed(2));
    console.log(`${way}, ${term} apart, weights 1, 2, 100: ${seen.join(', ')}`);
    if (seen[1] !== seen[0] || seen[2] !== seen[0]) changes.push(`${way} ${term}`);
  }
}
if (!changes.includes('class dE94 lightness')) throw new Error('the class is not what this probe expects');
if (changes.join() !== 'class dE94 lightness,class dE94 chroma') {
  console.error('The behaviour has changed: weights have an effect.');
  process.exit(1);
}
console.log('Still so: weights have no effect.');
EOF
node probe.cjs
