#!/usr/bin/env bash
# skmeans answers a centroid of 0 for every cluster that got no member, whatever the data, and repeated values make such clusters at once.
#
# Package: skmeans 0.11.3. Any Node from 20.
#
# Expected: centroids lie among the data. Where there are fewer distinct values than clusters, as in a pruned or an already quantised
# layer, some repeat or are marked as empty.
# Seen: two clusters of 7, 7, 7, 7 have the centroids 0 and 7. Four of 5, 5, 5, 9, 9, 9 have 5, 9 and two zeros, or, with "kmpp", the documented
# k-means++ initialisation, the same. The start picks distinct places, not distinct values; of two equal centroids the later gets all
# members, and the mean of the other, a division of 0 by 0, is replaced by 0. Nothing in the answer tells it from a cluster at 0.
# Why it matters: a codebook of 16 weights or a palette made so wastes entries and holds a weight or a colour that never occurred. test(), which
# the answer carries to classify new values, then sends every value nearer to 0 than to the data to the invented one.
# Output seen: 0,7; 0,0,5,9; kmpp 0,0,5,9 (sorted); the value 2 is nearest to the centroid 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund skmeans@0.11.3

cat > probe.cjs <<'EOF'
const skmeans = require('skmeans');

console.log('skmeans', require('skmeans/package.json').version);
const SIX = [5, 5, 5, 9, 9, 9];
const same = skmeans([7, 7, 7, 7], 2);
const sorted = (centroids) => [...centroids].sort((a, b) => a - b).join();
console.log('7, 7, 7, 7 in two clusters:', sorted(same.centroids), 'with members', same.idxs.join());
console.log('2 is nearest to', same.test(2).centroid);
// The start is random. Whatever it draws, at most two of four clusters can have members here.
const plain = Array.from({ length: 20 }, () => skmeans(SIX, 4).centroids);
const plusPlus = Array.from({ length: 20 }, () => skmeans(SIX, 4, 'kmpp').centroids);
console.log('5, 5, 5, 9, 9, 9 in four clusters:', sorted(plain[0]), '; kmpp:', sorted(plusPlus[0]));
const invented = (centroids) => centroids.filter((c) => c === 0).length >= 2;
if (!same.centroids.includes(7)) throw new Error('the centroid of the members is not what this probe expects');
if (sorted(same.centroids) !== '0,7' || same.test(2).centroid !== 0 || !plain.every(invented) || !plusPlus.every(invented)) {
  console.error('The behaviour has changed: clusters without members are no longer at zero.');
  process.exit(1);
}
console.log('Still so: a cluster without members has its centroid at zero.');
EOF
node probe.cjs
