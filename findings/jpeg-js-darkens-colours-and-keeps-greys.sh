#!/usr/bin/env bash
# jpeg-js decodes a grey picture as bright as libjpeg does, and a coloured one darker by a third to half a level.
#
# Packages: jpeg-js 0.4.4 (the JPEG decoder of jimp and image-js), against the libjpeg-turbo inside sharp 0.35.5. Any Node from 20.
#
# Expected: two decoders of the same file differ by one level here and there, up as often as down.
# Seen: on coloured noise without chroma subsampling green lies 0.5 levels lower on average, red and blue 0.3, and every second number
# differs, mostly downwards. On the same noise in grey 7 % of the pixels differ, and the mean by 0.06. The conversion from YCbCr gives
# fractions wherever there is colour, and they are cut off, not rounded; without colour there are none.
# Why it matters: "decodes like libjpeg" is usually tried with a test chart in grey. For a network the photos in colour are shifted towards
# black and towards magenta, all pixels the same way, which an average over many pixels does not remove.
# Output seen: colour: mean difference -0.34, -0.50, -0.31, 53 % differ; grey: 0.06, 0.06, 0.06, 7 % differ.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jpeg-js@0.4.4 sharp@0.35.5

cat > probe.cjs <<'EOF'
const { decode } = require('jpeg-js');
const sharp = require('sharp');

const WIDTH = 256;
let state = 1;
/** Between 40 and 215, the same in every run (a linear congruential generator of 32 bits, its upper half). */
const random = () => {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return 40 + Math.floor((state / 2 ** 32) * 176);
};

/** jpeg-js minus libjpeg, on average for red, green and blue, and the part of all numbers that differ. */
async function compare(pixels) {
  const raw = { width: WIDTH, height: WIDTH, channels: 3 };
  const file = await sharp(pixels, { raw }).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer();
  const theirs = decode(file, { useTArray: true, formatAsRGBA: false }).data;
  const libjpeg = await sharp(file).raw().toBuffer();
  const sums = [0, 0, 0];
  let different = 0;
  theirs.forEach((value, i) => {
    sums[i % 3] += value - libjpeg[i];
    if (value !== libjpeg[i]) different += 1;
  });
  return { means: sums.map((sum) => sum / WIDTH ** 2), different: different / theirs.length };
}
const show = ({ means, different }) =>
  `mean difference ${means.map((mean) => mean.toFixed(2)).join(', ')}; ${(100 * different).toFixed(0)} % of all numbers differ`;

(async () => {
  console.log('jpeg-js', require('jpeg-js/package.json').version, 'against sharp', sharp.versions.sharp);
  const colour = await compare(Uint8Array.from({ length: 3 * WIDTH ** 2 }, random));
  const levels = Uint8Array.from({ length: WIDTH ** 2 }, random);
  const grey = await compare(Uint8Array.from({ length: 3 * WIDTH ** 2 }, (_, i) => levels[Math.floor(i / 3)]));
  console.log('colour:', show(colour));
  console.log('grey:  ', show(grey));
  if (colour.means.some((mean) => mean > -0.15) || Math.max(...grey.means.map(Math.abs)) > 0.12) {
    console.error('The behaviour has changed: coloured pictures are no longer decoded darker than grey ones.');
    process.exit(1);
  }
  console.log('Still so: fractions are cut off where there is colour.');
})();
EOF
node probe.cjs
