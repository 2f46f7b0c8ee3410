#!/usr/bin/env bash
# sharp takes the fourth band of a TIFF file for transparency although the file says that it is none.
#
# Package: sharp 0.35.5 (libvips 8.18.7). Any Node from 20.
#
# Expected: TIFF 6.0, section 18: ExtraSamples 0 is unspecified data, 1 and 2 are alpha. Red, green, blue and infrared with ExtraSamples 0
# is how aerial and satellite photos come; flattening such a file on white leaves its colours as they are.
# Seen: metadata() says hasAlpha for 0 as for 2, and flatten() fades the colours into the background by the infrared: where it is 0, as over
# water, (200, 100, 50) becomes white.
# Why it matters: datasets of remote sensing are full of such files. They are read without an error, and wrongly just where the fourth band
# is dark. Pillow calls the same file RGBX and leaves the band out.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund sharp@0.35.5

cat > probe.cjs <<'EOF'
const sharp = require('sharp');

const SIDE = 16;

/** An uncompressed TIFF file of one colour and one value of the fourth band, in one strip. */
function tiff(fourth, extraSamples) {
  const strip = Buffer.from(Array(SIDE * SIDE).fill([200, 100, 50, fourth]).flat());
  const entries = [
    [256, SIDE], [257, SIDE], [258, 200], [259, 1], [262, 2], [273, 300], [277, 4], [278, SIDE], [279, strip.length], [338, extraSamples],
  ];
  const head = Buffer.alloc(300);
  head.write('II*\0');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  entries.forEach(([tag, value], entry) => {
    const at = 10 + 12 * entry;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(tag === 273 || tag === 279 ? 4 : 3, at + 2);
    head.writeUInt32LE(tag === 258 ? 4 : 1, at + 4);
    head.writeUInt32LE(value, at + 8);
  });
  for (let band = 0; band < 4; band++) head.writeUInt16LE(8, 200 + 2 * band);
  return Buffer.concat([head, strip]);
}

(async () => {
  console.log('sharp', sharp.versions.sharp, 'libvips', sharp.versions.vips);
  const seen = {};
  for (const extraSamples of [0, 2])
    for (const fourth of [255, 0]) {
      const image = sharp(tiff(fourth, extraSamples));
      const { hasAlpha } = await image.metadata();
      const pixels = await image.flatten({ background: '#ffffff' }).raw().toBuffer();
      seen[`${extraSamples} ${fourth}`] = `${hasAlpha} ${[...pixels.subarray(0, 3)]}`;
      console.log(`ExtraSamples ${extraSamples}, fourth band ${fourth}: hasAlpha ${hasAlpha}, flattened ${[...pixels.subarray(0, 3)]}`);
    }
  if (seen['0 0'] !== 'true 255,255,255' || seen['0 255'] !== 'true 200,100,50' || seen['2 0'] !== seen['0 0']) {
    console.error('The behaviour has changed: a band of no stated meaning is no longer taken for transparency.');
    process.exit(1);
  }
  console.log('Still so: unspecified data hides the colours.');
})();
EOF
node probe.cjs
