#!/usr/bin/env bash
# A grey PNG that image-in-browser reads and saves as JPEG is red; as BMP it is black.
#
# Package: image-in-browser 3.5.3; sharp 0.35.5 makes the PNG and reads PNG, JPEG, TIFF and GIF, bmp-ts 1.0.9 reads the BMP. Any Node from 20.
#
# Expected: grey 64 and 200 stay grey 64 and 200 in every format, or are refused.
# Seen: a grey PNG becomes an image of one channel, whose green and blue are 0. The encoders of PNG and TIFF write one channel. Those of JPEG and GIF take
# red, green and blue: 64, 0, 0. That of BMP writes a file in which both greys are 0 or 1, nothing of the picture.
# Why it matters: grey photographs, masks and maps in a browser go through such conversions; an image of three equal channels is right in all of them.
# Output seen: png and tiff 64,64,64 and 200,200,200; jpg and gif 64,0,0 and 200,0,0; bmp 0 or 1. Three channels: grey everywhere.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-in-browser@3.5.3 sharp@0.35.5 bmp-ts@1.0.9

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const bmp = require('bmp-ts');
const library = require('image-in-browser');
const sharp = require('sharp');

const size = 16;
const grey = Buffer.from(Array.from({ length: size * size }, (_, i) => (i % size < 8 ? 64 : 200)));
const at = (data, channels, x) => [...data.subarray(x * channels, x * channels + 3)].join();
/** The colours of a pixel on the left and one on the right of a file, by another reader. */
const read = async (format, file) => {
  if (format === 'Bmp') {
    const { data } = bmp.decode(file, { toRGBA: false });
    return [2, 12].map((x) => [...data.subarray(4 * x + 1, 4 * x + 4)].reverse().join());
  }
  const { data, info } = await sharp(file).toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  return [2, 12].map((x) => at(data, info.channels, x));
};
(async () => {
  console.log('image-in-browser', JSON.parse(readFileSync('node_modules/image-in-browser/package.json', 'utf8')).version);
  const png = await sharp(grey, { raw: { width: size, height: size, channels: 1 } }).toColourspace('b-w').png().toBuffer();
  const image = library.decodePng({ data: new Uint8Array(png) });
  const seen = {};
  for (const format of ['Png', 'Tiff', 'Jpg', 'Gif', 'Bmp']) {
    const one = await read(format, Buffer.from(library[`encode${format}`]({ image })));
    const three = await read(format, Buffer.from(library[`encode${format}`]({ image: image.convert({ numChannels: 3 }) })));
    console.log(`${format}: ${one.join(' and ')}; with three channels ${three.join(' and ')}`);
    seen[format] = one.join(' ');
    if (three.some((colour) => new Set(colour.split(',')).size !== 1)) throw new Error('three channels are not what this probe expects');
  }
  console.log(`the PNG was read as an image of ${image.numChannels} channel`);
  if (seen.Png !== '64,64,64 200,200,200' || seen.Tiff !== seen.Png) throw new Error('PNG and TIFF are not what this probe expects');
  if (seen.Jpg !== '64,0,0 200,0,0' || seen.Gif !== seen.Jpg || seen.Bmp === seen.Png) {
    console.error('The behaviour has changed: grey is saved as grey.');
    process.exit(1);
  }
  console.log('Still so: a grey PNG is saved as a red JPEG.');
})();
EOF
node probe.cjs
