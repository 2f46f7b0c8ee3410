#!/usr/bin/env bash
# canny-edge-detector finds no edge at 45 degrees and paints one at 120 or 135 degrees nine pixels thick.
#
# Package: canny-edge-detector 1.0.0 with image-js 0.35.6 (it takes the images of that line). Any Node from 20.
#
# Expected: the Canny algorithm thins edges by comparing a pixel with its two neighbours across the edge, in the nearest of *four* directions (0, 45, 90,
# 135 degrees); an edge is one pixel wide at any angle.
# Seen: the angle is cut into five directions of 36 degrees, of which four have neighbours. In the fifth nothing is compared, so a step whose gradient
# points to 110 to 140 degrees stays as wide as its blur. Of the others some are compared with neighbours along the edge, which are equal, and are
# dropped: a step at 45 degrees leaves no pixel. Steps that are horizontal or vertical are thin.
# Why it matters: an edge map as a mask of important regions is many times denser for one diagonal than for the other.
# Output seen: edge pixels within 10 pixels of the middle: 0 degrees 19, 45 degrees 0, 90 degrees 19, 120 degrees 189, 135 degrees 177.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund canny-edge-detector@1.0.0 image-js@0.35.6

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { Image } = require('image-js');
const module_ = require('canny-edge-detector');
const canny = module_.default ?? module_;

console.log('canny-edge-detector', JSON.parse(readFileSync('node_modules/canny-edge-detector/package.json', 'utf8')).version);
const size = 41;
/** Edge pixels near the middle of a smooth step from black to white, whose gradient points to the given angle. */
const edges = (degrees) => {
  const [c, s] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const step = Uint8Array.from({ length: size * size }, (_, i) => {
    const across = ((i % size) - 20) * c + (Math.floor(i / size) - 20) * s;
    return Math.round(255 / (1 + Math.exp(-1.5 * across)));
  });
  const found = canny(new Image(size, size, step, { kind: 'GREY' }));
  const near = step.filter((_, i) => ((i % size) - 20) ** 2 + (Math.floor(i / size) - 20) ** 2 < 100 && found.data[i] > 0).length;
  console.log(`gradient at ${degrees} degrees: ${near} edge pixels within 10 pixels of the middle`);
  return near;
};
const [flat, upright] = [edges(0), edges(90)];
const [diagonal, steep, other] = [edges(45), edges(120), edges(135)];
if (flat !== 19 || upright !== 19) throw new Error('straight edges are not what this probe expects');
if (diagonal !== 0 || steep < 100 || other < 100) {
  console.error('The behaviour has changed: diagonal edges are thin lines.');
  process.exit(1);
}
console.log('Still so: one diagonal edge is missing, the other is a band.');
EOF
node probe.cjs
