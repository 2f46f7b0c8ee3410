#!/usr/bin/env bash
# image-in-browser converts a grey float image to bytes of 0 and 255 only, a coloured one to all levels.
#
# Package: image-in-browser 3.5.3. Any Node from 20.
#
# Expected: convert() from 32-bit floats to bytes scales 0 to 1 to 0 to 255, as it does with two, three and four channels.
# Seen: with one channel all below 1 becomes 0 and 1 becomes 255; to 16 bits 0 and 65,535. The number is cut to a whole one before it is scaled. The other
# way, from bytes to floats, one channel is right.
# Why it matters: feature maps, depth and probabilities are one channel of floats; their picture is black with a few white pixels.
# Output seen: one channel 0 0 0 0 0 0 255, three channels 0 25 63 127 191 254 255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-in-browser@3.5.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { Format, MemoryImage } = require('image-in-browser');

console.log('image-in-browser', JSON.parse(readFileSync('node_modules/image-in-browser/package.json', 'utf8')).version);
const levels = [0, 0.1, 0.25, 0.5, 0.75, 0.999, 1];
const convert = (channels, format) => {
  const image = new MemoryImage({ width: levels.length, height: 1, format: Format.float32, numChannels: channels });
  levels.forEach((level, x) => {
    const pixel = image.getPixel(x, 0);
    pixel.r = level;
    if (channels > 1) pixel.g = level;
    if (channels > 2) pixel.b = level;
  });
  const bytes = image.convert({ format });
  return levels.map((_, x) => bytes.getPixel(x, 0).r).join(' ');
};
const one = convert(1, Format.uint8);
const three = convert(3, Format.uint8);
console.log(`levels         ${levels.join(' ')}`);
console.log(`one channel    ${one}; to 16 bits ${convert(1, Format.uint16)}`);
console.log(`three channels ${three}; to 16 bits ${convert(3, Format.uint16)}`);
if (three !== '0 25 63 127 191 254 255') throw new Error('three channels are not what this probe expects');
if (one !== '0 0 0 0 0 0 255') {
  console.error('The behaviour has changed: one channel has all levels.');
  process.exit(1);
}
console.log('Still so: one channel is black and white.');
EOF
node probe.cjs
