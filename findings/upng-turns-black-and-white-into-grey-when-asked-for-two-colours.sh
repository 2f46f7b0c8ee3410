#!/usr/bin/env bash
# UPNG.encode gives one colour less than it is asked for: a picture of black and white with two colours becomes plain grey.
#
# Package: upng-js 2.1.0. Any Node from 20.
#
# Expected: "cnum: number of colors in the result", so a picture that has two colours and is asked for with two keeps them.
# Seen: black, white, black, white come back as 128 four times, one white in four as 64. With three colours the picture is right. A place in the
# palette is set aside for transparency, also in opaque pictures with one frame, and only the rest is filled.
# Why it matters: masks, dithered pictures and line drawings are what a palette of two is for, and they come out empty. A curve of quality over the
# number of colours is shifted by one.
# Output seen: two colours: 128, 128, 128, 128; three: 0, 255, 0, 255. 16 levels of grey from 16 colours: 15 levels.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund upng-js@2.1.0

cat > probe.cjs <<'EOF'
const UPNG = require('upng-js');

console.log('upng-js', require('upng-js/package.json').version);
const through = (greys, width, colours) => {
  const rgba = Uint8Array.from(greys.flatMap((grey) => [grey, grey, grey, 255])).buffer;
  const [pixels] = UPNG.toRGBA8(UPNG.decode(UPNG.encode([rgba], width, greys.length / width, colours)));
  return [...new Uint8Array(pixels)].filter((_, i) => i % 4 === 0);
};
const picture = [0, 255, 0, 255];
const two = through(picture, 2, 2);
const three = through(picture, 2, 3);
const quarter = through([0, 0, 0, 255], 2, 2);
const levels = new Set(through(Array.from({ length: 256 }, (_, i) => 17 * (i % 16)), 16, 16)).size;
console.log(`0, 255, 0, 255 with two colours ${two}; with three ${three}; 0, 0, 0, 255 with two ${quarter}`);
console.log(`16 levels of grey with 16 colours: ${levels} levels`);
if (three.join() !== picture.join()) throw new Error('three colours are not what this probe expects');
if (two.join() !== '128,128,128,128' || quarter.join() !== '64,64,64,64' || levels !== 15) {
  console.error('The behaviour has changed: the palette has as many colours as asked for.');
  process.exit(1);
}
console.log('Still so: two colours become one.');
EOF
node probe.cjs
