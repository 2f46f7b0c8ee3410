#!/usr/bin/env bash
# The Jaccard distance of science.js is 1 between equal vectors and 0 between vectors that share nothing.
#
# Package: science 1.9.3. Any Node from 20.
#
# Expected: a distance is 0 between equal vectors, as the six others under science.stats.distance are.
# Seen: distance.jaccard is the share of equal entries, which is a similarity. k-means and hierarchical clustering take any of these functions, and with
# this one hcluster first joins the vectors that have nothing in common: of two equal ones and a third it joins the third, at distance 0, first.
# Why it matters: sets (which channels are zero, which predictions are right) are compared so, and the tree that comes out is upside down.
# Output seen: jaccard of equal vectors 1, of others 0, hamming 0 and 3; hcluster's first pair holds a 9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund science@1.9.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const science = require('science');

console.log('science', JSON.parse(readFileSync('node_modules/science/package.json', 'utf8')).version);
const { distance } = science.stats;
const zeros = [];
for (const name of ['euclidean', 'manhattan', 'chebyshev', 'hamming', 'braycurtis', 'jaccard']) {
  const equal = distance[name]([1, 2, 3], [1, 2, 3]);
  console.log(`${name}: equal vectors ${equal}, others ${distance[name]([1, 2, 3], [4, 5, 6]).toFixed(2)}`);
  if (equal === 0) zeros.push(name);
}
/** The two vectors that hierarchical clustering joins first. */
const first = (name) => {
  const root = science.stats.hcluster().distance(distance[name])([[1, 1], [1, 1], [9, 9]]);
  const inner = [root.left, root.right].find((node) => node.left !== null);
  return [inner.left.centroid, inner.right.centroid].map((vector) => vector[0]).sort().join();
};
console.log(`of 1, 1 and 9 hcluster joins first: by hamming ${first('hamming')}, by jaccard ${first('jaccard')}`);
if (zeros.length < 5 || first('hamming') !== '1,1') throw new Error('the other distances are not what this probe expects');
if (distance.jaccard([1, 2, 3], [1, 2, 3]) !== 1 || distance.jaccard([1, 2, 3], [4, 5, 6]) !== 0 || first('jaccard') !== '1,9') {
  console.error('The behaviour has changed: equal vectors are at distance 0.');
  process.exit(1);
}
console.log('Still so: the Jaccard distance is a similarity.');
EOF
node probe.cjs
