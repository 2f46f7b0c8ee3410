#!/usr/bin/env bash
# DBSCAN and OPTICS of density-clustering find no neighbours at exactly the radius, so that pixels on a grid of 1 with radius 1 are noise.
#
# Package: density-clustering 1.3.0. Any Node from 20.
#
# Expected: the neighbourhood of a point is what is at most the radius away, dist <= Eps (Ester et al. 1996, definition 1), as in scikit-learn, R and
# ELKI.
# Seen: it is what is nearer than the radius. 0, 1, 2, 3 with radius 1 and at least 2 points are four points of noise, with radius 1.0001 one cluster.
# OPTICS puts each of them into a cluster of its own.
# Why it matters: distances of pixels, counts and quantised numbers are whole numbers, and radii are too. Parameters that are right elsewhere find
# nothing here, and the next larger whole radius joins diagonals and second neighbours.
# Output seen: radius 1: no cluster, noise 0, 1, 2, 3; radius 1.0001: one cluster of four.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund density-clustering@1.3.0

cat > probe.cjs <<'EOF'
const { DBSCAN, OPTICS } = require('density-clustering');

console.log('density-clustering', require('density-clustering/package.json').version);
const POINTS = [[0], [1], [2], [3]];
const LEAST = 2;
const cluster = (radius) => {
  const dbscan = new DBSCAN();
  const clusters = dbscan.run(POINTS, radius, LEAST);
  const ordered = new OPTICS().run(POINTS, radius, LEAST);
  const cores = POINTS.filter(([point]) => POINTS.filter(([other]) => Math.abs(point - other) <= radius).length >= LEAST).length;
  console.log(`radius ${radius}: DBSCAN ${JSON.stringify(clusters)}, noise [${dbscan.noise}], OPTICS ${JSON.stringify(ordered)}; cores by the definition ${cores}`);
  return { clusters: clusters.length, noise: dbscan.noise.length, ordered: ordered.length, cores };
};
const wide = cluster(1.0001);
const exact = cluster(1);
if (wide.clusters !== 1 || wide.noise !== 0 || exact.cores !== 4) throw new Error('the wider radius is not what this probe expects');
if (exact.clusters !== 0 || exact.noise !== 4) {
  console.error('The behaviour has changed: points at the radius are neighbours.');
  process.exit(1);
}
console.log('Still so: what is exactly the radius away is no neighbour.');
EOF
node probe.cjs
