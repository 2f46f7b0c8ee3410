#!/usr/bin/env bash
# colz turns (255, 0, 1) into HSB and back into NaN, NaN, NaN.
#
# Package: colz 0.1.0. Any Node from 20.
#
# Expected: about the colour that went in: (255, 0, 0) comes back as it is, and (255, 0, 3) nearly so.
# Seen: the hue, 359.76 degrees, is rounded to 360, and hsbToRgb knows six sectors of 60 degrees, 0 to 5; 360 is in none, and all three numbers stay
# undefined. rgbToHsl and hslToRgb of the same package take 360 for 0.
# Why it matters: reds of photographs lie on both sides of that seam. NaN in a byte array is 0: single pixels of a red area turn black after an
# adjustment of brightness.
# Output seen: HSB: (255, 0, 0) comes back, (255, 0, 1) is 360, 100, 100 and comes back as NaN, NaN, NaN; by way of HSL it is 255, 0, 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund colz@0.1.0

cat > probe.cjs <<'EOF'
const colz = require('colz');

console.log('colz', require('colz/package.json').version);
const through = (colour) => {
  const hsb = colz.rgbToHsb(...colour);
  const back = colz.hsbToRgb(...hsb);
  console.log(`${colour.join(', ')} is HSB ${hsb.join(', ')} and comes back as ${back.join(', ')}`);
  return back.join();
};
const red = through([255, 0, 0]);
const trace = through([255, 0, 1]);
const more = through([255, 0, 3]);
const hsl = colz.hslToRgb(...colz.rgbToHsl(255, 0, 1)).join();
console.log('255, 0, 1 by way of HSL comes back as', hsl);
if (red !== '255,0,0' || hsl !== '255,0,0' || more.includes('NaN')) throw new Error('red, HSL or more blue is not what this probe expects');
if (trace !== 'NaN,NaN,NaN') {
  console.error('The behaviour has changed: red with a trace of blue is a colour.');
  process.exit(1);
}
console.log('Still so: red with a trace of blue is no colour.');
EOF
node probe.cjs
