#!/usr/bin/env bash
# Jensen-Shannon divergence, chi-squared and sixteen more distances of ml-distance are NaN as soon as a bin is empty in both histograms.
#
# Package: ml-distance 5.0.0. Any Node from 20.
#
# Expected: the distance of a histogram from itself is 0, and the Jensen-Shannon divergence is finite for any two of them, which is what it is used
# for: ln 2 for two without a bin in common. 0 log 0 is 0 by the definition of these measures.
# Seen: (0.5, 0.5, 0) with itself gives NaN for jensenShannon, jensenDifference, topsoe, kullbackLeibler, squared (chi-squared), canberra, clark and
# others, because 0 / 0 and 0 log 0 are added up. (1, 0) and (0, 1) give NaN for Jensen-Shannon. euclidean, hellinger and the like are right.
# Why it matters: histograms of activations after a ReLU, of bit widths or of colours have empty bins in plenty. A NaN among distances sorts
# anywhere, so the nearest picture is an arbitrary one.
# Output seen: jensenShannon of (1, 0) and (0, 1): NaN, by hand 0.693; of (0.5, 0.5, 0) with itself NaN; eighteen distances are NaN there, euclidean
# is 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-distance@5.0.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { distance } = require('ml-distance');

console.log('ml-distance', JSON.parse(readFileSync('node_modules/ml-distance/package.json', 'utf8')).version);
/** Jensen-Shannon divergence by its definition: the mean divergence from the mean, where 0 log 0 is 0. */
const jensenShannon = (p, q) => {
  const divergence = (from, to) => from.reduce((sum, share, i) => sum + (share === 0 ? 0 : share * Math.log(share / to[i])), 0);
  const mean = p.map((share, i) => (share + q[i]) / 2);
  return (divergence(p, mean) + divergence(q, mean)) / 2;
};
const apart = [[1, 0], [0, 1]];
const full = [[0.1, 0.4, 0.5], [0.3, 0.3, 0.4]];
const half = [0.5, 0.5, 0];
const seen = distance.jensenShannon(...apart);
console.log(`(1, 0) and (0, 1): jensenShannon ${seen}, by hand ${jensenShannon(...apart).toFixed(3)}`);
console.log(`without empty bins: ${distance.jensenShannon(...full).toFixed(6)}, by hand ${jensenShannon(...full).toFixed(6)}`);
const failing = Object.entries(distance).filter(([name, measure]) => name !== 'minkowski' && Number.isNaN(measure(half, half))).map(([name]) => name);
console.log(`(0.5, 0.5, 0) with itself is NaN for ${failing.join(', ')}; euclidean ${distance.euclidean(half, half)}`);
if (Math.abs(distance.jensenShannon(...full) - jensenShannon(...full)) > 1e-9) throw new Error('full histograms are not what this probe expects');
if (!Number.isNaN(seen) || !['jensenShannon', 'squared', 'topsoe'].every((name) => failing.includes(name))) {
  console.error('The behaviour has changed: empty bins do not lead to NaN.');
  process.exit(1);
}
console.log('Still so: an empty bin turns the distance into NaN.');
EOF
node probe.cjs
