#!/usr/bin/env bash
# The noise of density-clustering's DBSCAN holds points that are in a cluster as well, depending on the order of the data.
#
# Package: density-clustering 1.3.0. Any Node from 20.
#
# Expected: noise is what belongs to no cluster (Ester et al. 1996, definition 6). A border point that was taken for noise at first is taken back when
# a cluster reaches it.
# Seen: 3, 4, 5 with a radius of 1.5 and at least 3 points are one cluster around 4. Given in the order 4, 3, 5 there is no noise; in the order 3, 4,
# 5 the 3 is in the cluster and in the noise. Clusters and noise together have 4 entries for 3 points.
# Why it matters: the share of noise is the figure by which radius and number are chosen. It counts border points twice, more of them the smaller the
# clusters are, and sorting the data changes it.
# Output seen: 4, 3, 5: cluster 4, 3, 5, noise none; 3, 4, 5: cluster 4, 3, 5, noise 3; 0, 3, 4, 5, 8: noise 0, 3, 8.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund density-clustering@1.3.0

cat > probe.cjs <<'EOF'
const { DBSCAN } = require('density-clustering');

console.log('density-clustering', require('density-clustering/package.json').version);
const RADIUS = 1.5;
const LEAST = 3;
/** What the paper defines: cores have enough neighbours, and noise is what is no core and near none. */
const noise = (points) => {
  const near = (a, b) => Math.abs(a - b) <= RADIUS;
  const cores = points.filter((point) => points.filter((other) => near(point, other)).length >= LEAST);
  return points.filter((point) => !cores.some((core) => near(core, point)));
};
const cluster = (points) => {
  const dbscan = new DBSCAN();
  const clusters = dbscan.run(points.map((point) => [point]), RADIUS, LEAST).map((members) => members.map((i) => points[i]));
  const seen = { clusters, noise: dbscan.noise.map((i) => points[i]) };
  console.log(`${points}: clusters ${JSON.stringify(clusters)}, noise [${seen.noise}], by the definition [${noise(points)}]`);
  return seen;
};
const middleFirst = cluster([4, 3, 5]);
const inOrder = cluster([3, 4, 5]);
const apart = cluster([0, 3, 4, 5, 8]);
const members = (seen) => seen.clusters.flat().sort().join();
if (![middleFirst, inOrder, apart].every((seen) => members(seen) === '3,4,5') || middleFirst.noise.length > 0) {
  throw new Error('the clusters are not what this probe expects');
}
if (inOrder.noise.join() !== '3' || apart.noise.join() !== '0,3,8') {
  console.error('The behaviour has changed: noise is in no cluster.');
  process.exit(1);
}
console.log('Still so: a point is noise and in a cluster.');
EOF
node probe.cjs
