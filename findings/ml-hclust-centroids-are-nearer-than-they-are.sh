#!/usr/bin/env bash
# Clusters that ml-hclust joins by "centroid" are not joined by the distance of their centroids.
#
# Package: ml-hclust 4.0.0. Any Node from 20.
#
# Expected: the height of a node is the distance of the centroids it joins. Of an equilateral triangle of side 2 two corners are joined
# at 2, and their middle is the square root of 3, 1.732, from the third.
# Seen: the second height is 1.5. The formula that updates the distances holds for squared distances only, and is applied to the Euclidean ones that
# are the default; "median" has the same flaw. With the squared distance given as distanceFunction the heights are exact squares. Some
# point sets, such as the six below, even fall into other groups.
# Why it matters: nothing in the documentation asks for squares. Heights of the dendrogram, which decide where to cut it, are too small by an amount
# that depends on the data, and colours or layers are grouped otherwise than SciPy or MATLAB group them.
# Output seen: heights 2, 1.5; by squared distances 2, 1.732; points (6,9) (6,0) (8,11) (7,5) (7,11) (8,11): one apart, or two.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-hclust@4.0.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { agnes } from 'ml-hclust';

console.log('ml-hclust', JSON.parse(readFileSync('node_modules/ml-hclust/package.json', 'utf8')).version);
const squared = (a, b) => a.reduce((sum, x, i) => sum + (x - b[i]) ** 2, 0);
const heights = (node) => (node.isLeaf ? [] : [node.height, ...node.children.flatMap(heights)]).sort((a, b) => b - a);
const groups = (tree) => tree.group(2).children.map((child) => child.indices().sort().join('')).sort().join(' and ');

const triangle = [[0, 0], [2, 0], [1, Math.sqrt(3)]];
const plain = heights(agnes(triangle, { method: 'centroid' }));
const exact = heights(agnes(triangle, { method: 'centroid', distanceFunction: squared })).map(Math.sqrt);
console.log('triangle of side 2:', plain.map((h) => h.toFixed(3)).join(), '; by squared distances:', exact.map((h) => h.toFixed(3)).join());
const points = [[6, 9], [6, 0], [8, 11], [7, 5], [7, 11], [8, 11]];
const two = [groups(agnes(points, { method: 'centroid' })), groups(agnes(points, { method: 'centroid', distanceFunction: squared }))];
console.log(`six points in two groups: ${two[0]}; by squared distances: ${two[1]}`);
const near = (a, b) => Math.abs(a - b) < 1e-6;
if (!near(exact[0], 2) || !near(exact[1], Math.sqrt(3))) throw new Error('squared distances do not give the distances of centroids');
if (!near(plain[1], 1.5) || two[0] === two[1]) {
  console.error('The behaviour has changed: centroids are joined by another distance.');
  process.exit(1);
}
console.log('Still so: the middle of a side is 1.5 from the third corner.');
EOF
node probe.mjs
