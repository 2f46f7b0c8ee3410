#!/usr/bin/env bash
# Bilinear and bicubic resize of image-js shift the picture by half an output pixel to the right and down: halving moves it by a whole pixel.
#
# Package: image-js 1.7.0. Any Node from 20.
#
# Expected: halved with bilinear interpolation a row of 0, 16, 32, 48 is 8, 40, read in the middles of the new pixels; doubled it is symmetric:
# 0, 4, 12, 20, 28, 36, 44, 48. The mean of the picture stays.
# Seen: halved it is 0, 24, doubled 0, 0, 8, 16, 24, 32, 40, 48: the new pixel i is read at i * scale - 1/2 instead of (i + 1/2) * scale - 1/2, so
# that the first pixel is the edge, repeated. The nearest-neighbour method is right. Mirroring before and after gives another picture.
# Why it matters: pictures prepared for a network lie half a pixel of its input beside where training put them, boxes and heat maps of the small
# picture lie beside the large one, and ramps become darker or lighter.
# Output seen: halved 0,24; doubled 0,0,8,16,24,32,40,48; halved in the mirror 24,48.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-js@1.7.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { Image } from 'image-js';

console.log('image-js', JSON.parse(readFileSync('node_modules/image-js/package.json', 'utf8')).version);

const SIDE = 4;
const picture = (level) => new Image(SIDE, SIDE, { colorModel: 'GREY', data: Uint8Array.from({ length: SIDE * SIDE }, (_, i) => level(i % SIDE)) });
/** The first row of a picture whose rows are all alike, resized in both directions. */
const row = (image, width) => {
  const resized = image.resize({ width, height: width, interpolationType: 'bilinear' });
  return [...resized.getRawImage().data].slice(0, width).join();
};
const ramp = picture((x) => 16 * x);
const mirrored = picture((x) => 16 * (SIDE - 1 - x));
const seen = [row(ramp, 2), row(ramp, 8), row(mirrored, 2).split(',').reverse().join()];
console.log(`halved:  ${seen[0]} (right: 8,40)`);
console.log(`doubled: ${seen[1]} (right: 0,4,12,20,28,36,44,48)`);
console.log(`halved in the mirror: ${seen[2]} (right: 8,40)`);
if (seen[0] !== '0,24' || seen[1] !== '0,0,8,16,24,32,40,48' || seen[2] === seen[0]) {
  console.error('The behaviour has changed: the picture is not shifted, or shifted elsewhere.');
  process.exit(1);
}
console.log('Still so: resized pictures are shifted by half an output pixel.');
EOF
node probe.mjs
