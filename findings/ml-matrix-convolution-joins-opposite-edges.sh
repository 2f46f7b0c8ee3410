#!/usr/bin/env bash
# ml-matrix-convolution wraps pictures around: what leaves at the right comes in at the left, in direct() as in fft().
#
# Package: ml-matrix-convolution 2.0.0. Any Node from 20.
#
# Expected: the documentation does not mention the border; its example convolves a picture of ones, where no rule shows. Most libraries
# of images repeat or mirror the edge or put zeros there, and a direct convolution has no reason to wrap as one by Fourier transform has.
# Seen: a mean of 3 x 3 over a picture whose last column is 90 and the rest 0 gives the first column 30, and a single bright pixel in one corner
# shines in the other three. There is no option for it.
# Why it matters: edges and blurs of photographs have a false frame as wide as half the kernel: bright sky bleeds into the dark ground on the
# other side. Of the maps of small layers, 7 x 7 or 13 x 13, much is frame.
# Output seen: row 0,0,0,0,90 with a mean of 3 x 3: 30,0,0,30,30; corner: 10 in all four corners.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-matrix-convolution@2.0.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import * as convolution from 'ml-matrix-convolution';

console.log('ml-matrix-convolution', JSON.parse(readFileSync('node_modules/ml-matrix-convolution/package.json', 'utf8')).version);
const SIDE = 5;
const MEAN = Array.from({ length: 3 }, () => [1, 1, 1]);
const picture = (level) => Array.from({ length: SIDE }, (_, y) => Array.from({ length: SIDE }, (_, x) => level(x, y)));
const blurred = (method, level) => convolution[method](picture(level), MEAN, { divisor: 9 }).map((value) => Math.round(value) + 0);
const seen = ['direct', 'fft'].map((method) => {
  const column = blurred(method, (x) => (x === SIDE - 1 ? 90 : 0)).slice(2 * SIDE, 3 * SIDE).join();
  const corner = blurred(method, (x, y) => (x + y === 0 ? 90 : 0));
  const corners = [corner[0], corner[SIDE - 1], corner[SIDE * (SIDE - 1)], corner[SIDE * SIDE - 1]].join();
  console.log(`${method}: row 0,0,0,0,90 becomes ${column}; one bright corner gives the four corners ${corners}`);
  return { column, corners };
});
if (!seen.every(({ column }) => column.split(',')[3] === '30')) throw new Error('the inside is not what this probe expects');
if (!seen.every(({ column, corners }) => column === '30,0,0,30,30' && corners === '10,10,10,10')) {
  console.error('The behaviour has changed: opposite edges are no longer neighbours.');
  process.exit(1);
}
console.log('Still so: opposite edges are neighbours.');
EOF
node probe.mjs
