#!/usr/bin/env bash
# color-convert gives reds that lean to blue a negative hue in HCG, and on the way back their blue is 255 and more.
#
# Package: color-convert 3.1.3. Any Node from 20.
#
# Expected: a hue between 0 and 360 degrees, as rgb.hsl gives, and the same colour back: HCG is another description of the same cube.
# Seen: crimson (220, 20, 60) has the hue -12 in HCG and 348 in HSL; back in RGB it is (220, 20, 260). Pink (255, 192, 203) comes back as
# (255, 192, 266). Every colour whose largest part is red and whose blue is above its green is so changed, one in seven of a
# grid over the cube; all others come back to within a rounding. A remainder of a negative number is left negative.
# Why it matters: a colour map or an augmentation that turns hues in HCG changes crimson to magenta, and the numbers are no bytes: written to a
# Uint8Array 260 wraps to 4.
# Output seen: crimson: hue -12 (HSL 348), back 220,20,260; 816 of 5832 colours change.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund color-convert@3.1.3

cat > probe.mjs <<'EOF'
import convert from 'color-convert';
import { readFileSync } from 'node:fs';

console.log('color-convert', JSON.parse(readFileSync('node_modules/color-convert/package.json', 'utf8')).version);
const back = (...rgb) => convert.hcg.rgb.raw(...convert.rgb.hcg.raw(...rgb));
const crimson = [220, 20, 60];
const [hue] = convert.rgb.hcg.raw(...crimson);
const [hueOfHsl] = convert.rgb.hsl.raw(...crimson);
const seen = back(...crimson).map(Math.round);
console.log(`crimson ${crimson}: hue ${hue} in HCG, ${hueOfHsl} in HSL; back from HCG ${seen}`);

let changed = 0, all = 0, elsewhere = 0;
for (let red = 0; red < 256; red += 15)
  for (let green = 0; green < 256; green += 15)
    for (let blue = 0; blue < 256; blue += 15) {
      all += 1;
      const rgb = [red, green, blue];
      if (back(...rgb).every((part, i) => Math.abs(part - rgb[i]) < 0.5)) continue;
      changed += 1;
      if (!(red >= blue && blue > green)) elsewhere += 1;
    }
console.log(`${changed} of ${all} colours change, ${elsewhere} of them elsewhere than among reds with more blue than green`);
if (hue >= 0 || hueOfHsl !== 348 || seen.join() !== '220,20,260' || changed === 0 || elsewhere !== 0) {
  console.error('The behaviour has changed: crimson has another hue or comes back as another colour.');
  process.exit(1);
}
console.log('Still so: crimson has a negative hue and comes back as magenta.');
EOF
node probe.mjs
