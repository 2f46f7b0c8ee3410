#!/usr/bin/env bash
# Error diffusion of image-q does not keep the mean: a grey of 200 becomes all white by Floyd and Steinberg's method, and 100 and 128 look alike.
#
# Package: image-q 4.0.0. Any Node from 20.
#
# Expected: error diffusion hands what a pixel lost on to its neighbours, so the mean stays: 200 in black and white is three quarters white.
# Seen: with floyd-steinberg the means of 64, 100, 128, 160, 200 are 61.8, 127.5, 127.5, 189.3, 255; stucki gives 26.1 for 64. What is handed on is
# the error of the pixel before it received anything, so that what it had received is lost. Only riemersma stays within 2 of the mean.
# Why it matters: dithering to few levels is used to show and to simulate low bit widths without bias. Here it has a bias of up to 55 levels, which is
# larger than that of rounding for some greys, and contrast between light greys vanishes.
# Output seen: floyd-steinberg 61.8 127.5 127.5 189.3 255.0; riemersma 63.8 102.0 127.5 159.4 200.3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-q@4.0.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { applyPaletteSync, buildPaletteSync, utils } from 'image-q';

console.log('image-q', JSON.parse(readFileSync('node_modules/image-q/package.json', 'utf8')).version);
const SIDE = 64;
const GREYS = [64, 100, 128, 160, 200];
const picture = (level) => {
  const data = new Uint8Array(4 * SIDE * SIDE);
  for (let i = 0; i < SIDE * SIDE; i++) data.set([level(i), level(i), level(i), 255], 4 * i);
  return utils.PointContainer.fromUint8Array(data, SIDE, SIDE);
};
const palette = buildPaletteSync([picture((i) => (i % 2) * 255)], { paletteQuantization: 'wuquant', colors: 2 });
const colours = palette.getPointContainer().getPointArray().map(({ r }) => r).sort((a, b) => a - b).join();
if (colours !== '0,255') throw new Error(`the palette holds ${colours} instead of black and white`);

const means = (method) => {
  const values = GREYS.map((grey) => {
    const levels = applyPaletteSync(picture(() => grey), palette, { imageQuantization: method }).toUint8Array();
    return levels.reduce((sum, level, i) => (i % 4 ? sum : sum + level), 0) / (SIDE * SIDE);
  });
  console.log(`${method.padEnd(16)} means of ${GREYS.join()}: ${values.map((value) => value.toFixed(1)).join(' ')}`);
  return values;
};
const diffused = means('floyd-steinberg');
means('stucki');
const curve = means('riemersma');
if (!curve.every((mean, i) => Math.abs(mean - GREYS[i]) < 3)) throw new Error('riemersma does not keep the mean as this probe expects');
if (diffused[4] !== 255 || diffused[1] !== diffused[2]) {
  console.error('The behaviour has changed: error diffusion has other means.');
  process.exit(1);
}
console.log('Still so: 200 becomes white, and 100 and 128 are the same.');
EOF
node probe.mjs
