#!/usr/bin/env bash
# RawImage.resize of transformers.js picks single pixels when it shrinks, and mixes the last row and column with black when it enlarges.
#
# Packages: @huggingface/transformers 4.3.2 with sharp 0.35.5 in Node (the browser build uses a canvas instead). Any Node from 20.
#
# Expected: `resample` 2 and 3 mean Pillow's bilinear and bicubic, as in the preprocessor_config.json that the number is read from: filters
# that widen when they shrink, and that stop at the border. Fine stripes of black and white become grey.
# Seen: shrunk to a half or a quarter, 64 columns of alternating black and white become all black: every second or fourth pixel is
# taken, for bilinear and bicubic alike. Only Lanczos averages. Enlarging a bright ramp to twice its size halves its last
# column (105 instead of 210), since the sampling point lies beyond the last pixel and what is there counts as black.
# Why it matters: this is how most classifiers get their input in JavaScript. Fine texture turns into aliasing, small images get a dark
# frame at two sides, and accuracies published for Python are compared with it.
# Output seen: half, bilinear 0; half, bicubic 0; half, lanczos 128; last pixels of the ramp 195,210,105.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @huggingface/transformers@4.3.2 sharp@0.35.5

cat > probe.js <<'EOF'
import { RawImage, env } from '@huggingface/transformers';

const LANCZOS = 1, BILINEAR = 2, BICUBIC = 3;
const picture = (width, level) => new RawImage(
  Uint8ClampedArray.from({ length: width * width }, (_, i) => level(i % width)), width, width, 1,
);
/** The middle row of a resized image, first channel. */
async function middleRow(image, width, resample) {
  const { data, channels } = await image.resize(width, width, { resample });
  const start = Math.floor(width / 2) * width;
  return Array.from({ length: width }, (_, x) => data[channels * (start + x)]);
}

console.log('@huggingface/transformers', env.version);
const stripes = picture(64, (x) => (x % 2 === 0 ? 0 : 255));
const ramp = picture(8, (x) => 30 * x);
const centre = {};
for (const [name, resample] of Object.entries({ LANCZOS, BILINEAR, BICUBIC })) {
  centre[name] = [(await middleRow(stripes, 32, resample))[16], (await middleRow(stripes, 16, resample))[8]];
  console.log(`stripes, ${name.toLowerCase()}: ${centre[name][0]} at a half, ${centre[name][1]} at a quarter`);
}
const enlarged = await middleRow(ramp, 16, BILINEAR);
console.log('ramp up to 210, enlarged by two:', enlarged.join(','));
if (Math.abs(centre.LANCZOS[0] - 128) > 2) throw new Error('Lanczos does not average, which this probe expects');
if ([...centre.BILINEAR, ...centre.BICUBIC].some((level) => level !== 0)) {
  console.error('The behaviour has changed: stripes no longer shrink to black.');
  process.exit(1);
}
if (enlarged.at(-2) !== 210 || enlarged.at(-1) !== 105) {
  console.error('The behaviour has changed: the last column is no longer mixed with black.');
  process.exit(1);
}
console.log('Still so: shrinking picks pixels, enlarging fades the last column.');
EOF
node probe.js
