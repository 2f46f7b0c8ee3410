#!/usr/bin/env bash
# sharp shows the Y, Cb and Cr of an uncompressed TIFF file as red, green and blue, unless the colours are subsampled.
#
# Package: sharp 0.35.5 (libvips 8.18.7). Any Node from 20.
#
# Expected: TIFF 6.0, section 21: PhotometricInterpretation 6 is YCbCr, whatever the compression and the subsampling; (81, 90, 240) is a
# red, (238, 14, 14).
# Seen: with YCbCrSubSampling 2, 2 the pixel is that red; with 1, 1, which is all the colour that there is, it is
# (81, 90, 240), a blue, without an error or a warning.
# Why it matters: tools that keep the colours of a JPEG or of a video frame in full write such files. A network gets an image of wrong
# colours, and its answer is wrong for a reason that no log names.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund sharp@0.35.5

cat > probe.cjs <<'EOF'
const sharp = require('sharp');

const SIDE = 16;
const [Y, CB, CR] = [81, 90, 240];

/** An uncompressed TIFF file of one colour in one strip. */
function tiff(subsampling) {
  const block = [...Array(subsampling ** 2).fill(Y), CB, CR];
  const strip = Buffer.from(Array((SIDE / subsampling) ** 2).fill(block).flat());
  const tags = [
    [256, 3, [SIDE]], [257, 3, [SIDE]], [258, 3, [8, 8, 8]], [259, 3, [1]], [262, 3, [6]], [273, 4, [300]],
    [277, 3, [3]], [278, 3, [SIDE]], [279, 4, [strip.length]], [530, 3, [subsampling, subsampling]],
  ];
  const head = Buffer.alloc(300);
  head.write('II*\0');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(tags.length, 8);
  tags.forEach(([tag, type, values], entry) => {
    const at = 10 + 12 * entry;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(values.length, at + 4);
    const inside = values.length <= 2;
    if (!inside) head.writeUInt32LE(200, at + 8);
    if (type === 4) head.writeUInt32LE(values[0], at + 8);
    else values.forEach((value, index) => head.writeUInt16LE(value, (inside ? at + 8 : 200) + 2 * index));
  });
  return Buffer.concat([head, strip]);
}

(async () => {
  console.log('sharp', sharp.versions.sharp, 'libvips', sharp.versions.vips);
  const seen = {};
  for (const subsampling of [2, 1]) {
    const pixels = await sharp(tiff(subsampling)).toColourspace('srgb').raw().toBuffer();
    seen[subsampling] = [...pixels.subarray(0, 3)];
    console.log(`Y ${Y}, Cb ${CB}, Cr ${CR}, subsampling ${subsampling}, ${subsampling}: ${seen[subsampling]}`);
  }
  const isRed = ([red, green, blue]) => red > 230 && green < 20 && blue < 20;
  if (!isRed(seen[2]) || seen[1].join() !== [Y, CB, CR].join()) {
    console.error('The behaviour has changed: YCbCr at full resolution is no longer shown as RGB.');
    process.exit(1);
  }
  console.log('Still so: at full resolution the three numbers are taken for red, green and blue.');
})();
EOF
node probe.cjs
