#!/usr/bin/env bash
# lanczos of @rgba-image gives the pixel under the middle of its window no weight, so stripes of white vanish when shrunk by three.
#
# Package: @rgba-image/lanczos 0.1.1 (pictures made with @rgba-image/create-image 0.1.1). Any Node from 20.
#
# Expected: the Lanczos window is 1 at its middle and smaller elsewhere. Resized to the size it has, a picture stays as it is; shrunk by three,
# a stripe of 200 in the middle of every three columns leaves a grey.
# Seen: the window is 0 at its middle. At the same size a white column becomes two white columns with a black one between them. Shrunk
# by three the striped picture is black, and its negative, two columns of 200 and one of 0, is 200 everywhere. Even factors, for which no
# pixel lies in the middle, are right, and so are plain areas, as the weights are scaled to a sum of 1. lanczos2 does the same.
# Why it matters: it happens for factors of one and odd whole factors only, such as 672 to 224, and what it makes looks sharp: a network is shown
# pictures that lack a third of their columns and rows.
# Output seen: same size 0,0,0,255,0,255,0,0,0; third 0 and 200 where half gives 100.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @rgba-image/lanczos@0.1.1 @rgba-image/create-image@0.1.1

cat > probe.cjs <<'EOF'
const { createImage } = require('@rgba-image/create-image');
const { lanczos } = require('@rgba-image/lanczos');

console.log('@rgba-image/lanczos', require('@rgba-image/lanczos/package.json').version);

/** The middle row of a square picture of columns, resized to another square. */
const resized = (columns, side) => {
  const source = createImage(columns.length, columns.length);
  const target = createImage(side, side);
  for (let i = 0; i < columns.length ** 2; i++) {
    const level = columns[i % columns.length];
    source.data.set([level, level, level, 255], 4 * i);
  }
  lanczos(source, target);
  return Array.from({ length: side }, (_, x) => target.data[4 * (side * (side >> 1) + x)]);
};
const stripes = (length, level) => Array.from({ length }, (_, x) => level(x));

const line = [0, 0, 0, 0, 255, 0, 0, 0, 0];
const same = resized(line, 9).join();
const third = resized(stripes(27, (x) => (x % 3 === 1 ? 200 : 0)), 9).join();
const negative = resized(stripes(27, (x) => (x % 3 === 1 ? 0 : 200)), 9).join();
const half = resized(stripes(24, (x) => (x % 2 === 1 ? 200 : 0)), 12).slice(2, 10); // away from the edges
const plain = resized(Array(27).fill(77), 9).join();
console.log('white line, same size          ', same);
console.log('every third column 200, third  ', third);
console.log('all but every third 200, third ', negative);
console.log('every second column 200, half  ', half.join());
if (!half.every((level) => Math.abs(level - 100) <= 1) || plain !== Array(9).fill(77).join()) {
  throw new Error('an even factor or a plain area is not right either');
}
if (same !== '0,0,0,255,0,255,0,0,0' || third !== Array(9).fill(0).join() || negative !== Array(9).fill(200).join()) {
  console.error('The behaviour has changed: the middle of the window has a weight.');
  process.exit(1);
}
console.log('Still so: the pixel under the middle of the window is left out.');
EOF
node probe.cjs
