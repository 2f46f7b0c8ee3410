#!/usr/bin/env bash
# tga-js reads white of 16 bits a pixel as 248, 248, 3, which is yellow.
#
# Package: tga-js 1.1.1. Any Node from 20.
#
# Expected: such a pixel has five bits each of red, green and blue, from high to low. Five ones are white, with three equal channels: 248 where the bits
# are shifted up by three, as here, or 255.
# Seen: red and green are shifted up and blue is shifted down. Blue from 0 to 31 becomes 0 to 3 instead of 0 to 248. Pictures of 24 and 32 bits are right.
# Why it matters: textures and old test pictures come in 16 bits; all of them lack blue, and greys are yellow by up to 245 levels, without an error.
# Output seen: white 248, 248, 3; grey (16 of 31) 128, 128, 2; blue 0, 0, 3; 24 bits 200, 100, 50: the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund tga-js@1.1.1

cat > probe.cjs <<'EOF'
const module_ = require('tga-js');
const TgaLoader = module_.default ?? module_;

console.log('tga-js', require('tga-js/package.json').version);
/** An uncompressed TGA file of one pixel from the top left. */
const read = (what, bits, bytes) => {
  const loader = new TgaLoader();
  loader.load(Uint8Array.from([0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, bits, 32, ...bytes]));
  const pixel = [...loader.getImageData({ width: 1, height: 1, data: new Uint8ClampedArray(4) }).data].slice(0, 3);
  console.log(`${what}: ${pixel.join(', ')}`);
  return pixel.join();
};
const sixteen = (red, green, blue) => {
  const word = (red << 10) | (green << 5) | blue;
  return [word & 255, word >> 8];
};
if (read('24 bits', 24, [50, 100, 200]) !== '200,100,50') throw new Error('24 bits are not what this probe expects');
const red = read('red of 16 bits', 16, sixteen(31, 0, 0));
const white = read('white of 16 bits', 16, sixteen(31, 31, 31));
const grey = read('grey of 16 bits', 16, sixteen(16, 16, 16));
if (red !== '248,0,0') throw new Error('red is not what this probe expects');
if (white !== '248,248,3' || grey !== '128,128,2') {
  console.error('The behaviour has changed: white has as much blue as red.');
  process.exit(1);
}
console.log('Still so: white is yellow.');
EOF
node probe.cjs
