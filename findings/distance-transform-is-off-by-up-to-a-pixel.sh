#!/usr/bin/env bash
# distance-transform gives a corner of 3 x 3 pixels the distance sqrt 3, which no pixel can have, and a chessboard distance of 1 where it is 2.
#
# Package: distance-transform 1.0.2 (also beneath ball-morphology), with ndarray 1.0.19. Any Node from 20.
#
# Expected: the distance to the nearest non-zero pixel, exactly, as by Meijster's algorithm, on which the package says it is based.
# Seen: with features at (1, 0) and (2, 1) the pixel (0, 2) is sqrt 3 = 1.732 away from nothing: it is sqrt 5 = 2.236. With p = Infinity a pixel two
# rows away is 1. The second pass writes its results over the line that it still reads, so a distance is taken from a distance: sqrt(1 + 2) from the neighbour
# that is already sqrt 2. Most pictures hide it, larger ones show it more often: one feature alone is always right, and p = 1 was right everywhere.
# Why it matters: radii of morphology, skeletons, and centre-weighted maps of importance are distances; dilating by 2 reaches pixels that are not there.
# Output seen: p 2: 1.73 instead of 2.24; p Infinity: 1 instead of 2; of 511 pictures of 3 x 3 pixels 4 and 12 are wrong, p 1 none.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund distance-transform@1.0.2 ndarray@1.0.19

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const ndarray = require('ndarray');
const transform = require('distance-transform');

console.log('distance-transform', JSON.parse(readFileSync('node_modules/distance-transform/package.json', 'utf8')).version);
const size = 3;
const places = Array.from({ length: size * size }, (_, i) => [Math.floor(i / size), i % size]);
const length = (a, b, p) => (p === Infinity ? Math.max(a, b) : (a ** p + b ** p) ** (1 / p));
const compare = (features, p) => {
  const picture = ndarray(new Float64Array(size * size), [size, size]);
  for (const [row, column] of features) picture.set(row, column, 1);
  transform(picture, p);
  return places.map(([row, column]) => ({
    place: `(${row}, ${column})`,
    seen: picture.get(row, column),
    true: Math.min(...features.map(([r, c]) => length(Math.abs(r - row), Math.abs(c - column), p))),
  }));
};
const wrong = (features, p) => compare(features, p).filter((pixel) => Math.abs(pixel.seen - pixel.true) > 1e-9);
const count = (p) => {
  let pictures = 0;
  for (let mask = 1; mask < 512; mask++) if (wrong(places.filter((_, i) => (mask >> i) & 1), p).length > 0) pictures++;
  return pictures;
};
const euclidean = wrong([[1, 0], [2, 1]], 2);
const chessboard = wrong([[1, 2], [2, 0]], Infinity);
for (const pixel of euclidean) console.log(`p 2: ${pixel.place} is ${pixel.seen.toFixed(3)}, exactly ${pixel.true.toFixed(3)}`);
for (const pixel of chessboard) console.log(`p Infinity: ${pixel.place} is ${pixel.seen}, exactly ${pixel.true}`);
const counts = [1, 2, Infinity].map(count);
console.log(`pictures of 3 x 3 with a wrong pixel: p 1 ${counts[0]}, p 2 ${counts[1]}, p Infinity ${counts[2]} of 511`);
if (counts[0] !== 0) throw new Error('taxicab distances are not what this probe expects');
const short = Math.abs(euclidean[0]?.seen - Math.sqrt(3)) < 1e-9;
if (euclidean.length !== 1 || !short || chessboard[0]?.seen !== 1) {
  console.error('The behaviour has changed: distances are exact.');
  process.exit(1);
}
console.log('Still so: some distances are those of no pixel.');
EOF
node probe.cjs
