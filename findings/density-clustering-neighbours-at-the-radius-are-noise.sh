#!/usr/bin/env bash
# DBSCAN of density-clustering with a radius of 1 takes all pixels of a block for noise.
#
# Package: density-clustering 1.3.0. Any Node from 20.
#
# Expected: the neighbourhood of a point is, in the paper of Ester and others, every point whose distance is at most the radius, as in scikit-learn and R.
# Pixels side by side are 1 apart, so a block is one cluster.
# Seen: a distance that equals the radius is outside. With a radius of 1 no pixel has a neighbour but itself, and all of them are noise; with 1.0001 they
# are one cluster.
# Why it matters: coordinates of pixels, channels, bit widths and milliseconds are whole numbers, and so are most of the distances between them, and the
# radius that one picks.
# Output seen: 3 x 3 pixels: radius 1: 0 clusters, 9 noise; radius 1.0001: 1 cluster, 0 noise.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund density-clustering@1.3.0

cat > probe.cjs <<'EOF'
const { DBSCAN } = require('density-clustering');

console.log('density-clustering', require('density-clustering/package.json').version);
const pixels = Array.from({ length: 9 }, (_, i) => [i % 3, Math.floor(i / 3)]);
const run = (radius) => {
  const scan = new DBSCAN();
  const clusters = scan.run(pixels, radius, 3).length;
  // By the definition: the points with at least three points, themselves included, at most the radius away.
  const cores = pixels.filter(([x, y]) => pixels.filter(([u, v]) => Math.hypot(x - u, y - v) <= radius).length >= 3).length;
  console.log(`radius ${radius}: ${clusters} clusters, ${scan.noise.length} noise (by the definition ${cores} of 9 are inside a cluster)`);
  return { clusters, noise: scan.noise.length, cores };
};
const at = run(1);
const above = run(1.0001);
if (above.clusters !== 1 || above.noise !== 0 || at.cores !== 9) throw new Error('a larger radius is not what this probe expects');
if (at.clusters !== 0 || at.noise !== 9) {
  console.error('The behaviour has changed: neighbours at the radius count.');
  process.exit(1);
}
console.log('Still so: pixels side by side are noise.');
EOF
node probe.cjs
