#!/usr/bin/env bash
# sharp shifts the mean brightness of what it shrinks by up to 0.7 grey levels, and the sign depends on the factor alone.
#
# Package: sharp 0.35.5 (libvips 8.18.7). Any Node from 20.
#
# Expected: averaging keeps the mean: shrinking a noise image by a whole factor moves it by rounding noise, a few hundredths of a level.
# Seen: by 2 and 3 nothing; by 4 and by 5 every kernel brightens by about half a level, by 6 it darkens by two thirds, by 8 it brightens by
# a quarter. Another size of image gives the same figures to a hundredth; an even patch stays exact. They fit a first step that averages
# blocks of half the factor to whole levels, along one axis and then the other: the mean of two levels rounded up is 1/4 too large for each
# axis, the mean of three cut off is 1/3 too small.
# Why it matters: photos of 900 to 1600 pixels are shrunk to 256 by just about these factors. Half a level is the size of the difference
# between two decoders, and it is not noise: all channels of all pixels move together, by an amount that depends on the photo's size.
# Output seen (cubic): 2: 0.00, 3: -0.06, 4: 0.50, 5: 0.50, 6: -0.66, 8: 0.26; lanczos3 5: 0.38, the rest within 0.02 of that.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund sharp@0.35.5

cat > probe.cjs <<'EOF'
const sharp = require('sharp');

/** Noise between 60 and 179, the same in every run (a linear congruential generator of 32 bits, its upper half). */
function noise(count) {
  let state = 1;
  return Uint8Array.from({ length: count }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return 60 + Math.floor((state / 2 ** 32) * 120);
  });
}
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** How much brighter a square image is after it has been shrunk, in grey levels. */
async function change(pixels, width, factor, kernel) {
  const image = sharp(pixels, { raw: { width, height: width, channels: 1 } });
  const small = await image.resize(width / factor, width / factor, { kernel }).toColourspace('b-w').raw().toBuffer();
  return mean(small) - mean(pixels);
}

(async () => {
  console.log('sharp', sharp.versions.sharp, 'libvips', sharp.versions.vips);
  const seen = {};
  for (const width of [600, 960]) {
    const pixels = noise(width * width);
    for (const kernel of ['cubic', 'lanczos3']) {
      seen[`${width} ${kernel}`] = {};
      for (const factor of [2, 3, 4, 5, 6, 8]) seen[`${width} ${kernel}`][factor] = await change(pixels, width, factor, kernel);
      const line = Object.entries(seen[`${width} ${kernel}`]).map(([factor, by]) => `${factor}: ${by.toFixed(2)}`);
      console.log(`${width} pixels, ${kernel}: ${line.join(', ')}`);
    }
  }
  const flat = await change(new Uint8Array(600 * 600).fill(117), 600, 4, 'cubic');
  console.log('an even image, by 4:', flat);
  const same = Object.values(seen).every((by) => Math.abs(by[2]) < 0.15 && by[4] > 0.3 && by[5] > 0.3 && by[6] < -0.4);
  if (!same || flat !== 0) {
    console.error('The behaviour has changed: shrinking by 4, 5 and 6 no longer shifts the brightness so.');
    process.exit(1);
  }
  console.log('Still so: by four and five it brightens, by six it darkens.');
})();
EOF
node probe.cjs
