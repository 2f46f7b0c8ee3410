#!/usr/bin/env bash
# The perceptual hashes of two plain greys that differ by one level are as far apart as those of unrelated pictures.
#
# Package: sharp-phash 2.2.0 with sharp 0.35.5. Node from 20.9.
#
# Expected: a perceptual hash is near for pictures that look alike; plain pictures of nearby greys get the same one.
# Seen: 128 and 129 are 34 of 64 bits apart, 254 and 255 27, black and any other grey about 30, which is what coins would give. Every frequency
# of a plain picture is 0 but for the rounding of floating-point sums, and the hash compares those with their mean. 1, 64 and 128 round alike
# and have the same hash. A ramp of greys and the same ramp one level lighter are 24 apart: it varies in one direction only, and the rest of
# the hash is rounding.
# Why it matters: it finds duplicates in data sets. Blank frames, white pages, cloudless skies and flat maps are never duplicates of each
# other, and now and then of anything.
# Output seen: 128 and 129 34; 254 and 255 27; 1 and 128 0; ramp and ramp + 1 24; noise and noise + 1 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund sharp-phash@2.2.0 sharp@0.35.5

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const sharp = require('sharp');
const phash = require('sharp-phash');
const distance = require('sharp-phash/distance');

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
const SIDE = 64;
const hash = async (level) => {
  const levels = Buffer.from(Array.from({ length: SIDE * SIDE }, (_, i) => level(i % SIDE, Math.floor(i / SIDE))));
  return phash(await sharp(levels, { raw: { width: SIDE, height: SIDE, channels: 1 } }).png().toBuffer());
};
const plain = (grey) => hash(() => grey);
const noise = (x, y) => (x * 7919 + y * 104729 + x * y * 31) % 200;

(async () => {
  console.log('sharp-phash', version('sharp-phash'), 'with sharp', version('sharp'));
  const apart = async (name, one, other) => {
    const bits = distance(await one, await other);
    console.log(`${name}: ${bits} of 64 bits apart`);
    return bits;
  };
  const near = await apart('plain 128 and 129', plain(128), plain(129));
  const light = await apart('plain 254 and 255', plain(254), plain(255));
  await apart('plain 1 and 128', plain(1), plain(128));
  await apart('a ramp and the same one level lighter', hash((x) => 3 * x), hash((x) => 3 * x + 1));
  const rich = await apart('noise and the same one level lighter', hash(noise), hash((x, y) => noise(x, y) + 1));
  if (rich > 4) throw new Error('a picture with detail is not recognised as this probe expects');
  if (near < 16 || light < 16) {
    console.error('The behaviour has changed: plain pictures of nearby greys have nearby hashes.');
    process.exit(1);
  }
  console.log('Still so: plain pictures of nearby greys are as far apart as any two.');
})();
EOF
node probe.cjs
