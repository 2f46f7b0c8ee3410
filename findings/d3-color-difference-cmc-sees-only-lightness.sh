#!/usr/bin/env bash
# The CMC colour difference of d3-color-difference between a red and a green of equal lightness is 0.
#
# Package: d3-color-difference 0.1.3. Any Node from 20.
#
# Expected: CMC l:c is the root of the sum of three squares, for lightness, chroma and hue. Between Lab 50, 80, 60 and 50, -80, 60 the first is 0, the
# second too, and the hue makes 97.1.
# Seen: the three squares are passed to Math.sqrt as three arguments, of which it takes the first. Only lightness counts. CIE94 and CIEDE2000 of the same
# library see the hue: 64 and 83.
# Why it matters: a difference of 0 means that two colours, or a compressed picture and its original, cannot be told apart.
# Output seen: CMC 0, CIE76 160, CIE94 64, CIEDE2000 83; of 50, 0, 0 and 60, 0, 0, which differ in lightness only, 9.19, which is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund d3-color-difference@0.1.3 d3-color@1.4.1

cat > probe.cjs <<'EOF'
const { lab } = require('d3-color');
const differences = require('d3-color-difference');

console.log('d3-color-difference', require('d3-color-difference/package.json').version);
const degrees = (angle) => (angle * Math.PI) / 180;
/** CMC 1:1 as in British Standard 6923, from the three squares. */
const cmc = ([l1, a1, b1], [l2, a2, b2]) => {
  const c1 = Math.hypot(a1, b1);
  const chroma = c1 - Math.hypot(a2, b2);
  const hue = (a1 - a2) ** 2 + (b1 - b2) ** 2 - chroma ** 2;
  const h = ((Math.atan2(b1, a1) * 180) / Math.PI + 360) % 360;
  const f = Math.sqrt(c1 ** 4 / (c1 ** 4 + 1900));
  const t = h >= 164 && h <= 345 ? 0.56 + Math.abs(0.2 * Math.cos(degrees(h + 168))) : 0.36 + Math.abs(0.4 * Math.cos(degrees(h + 35)));
  const sl = l1 < 16 ? 0.511 : (0.040975 * l1) / (1 + 0.01765 * l1);
  const sc = (0.0638 * c1) / (1 + 0.0131 * c1) + 0.638;
  return Math.sqrt(((l1 - l2) / sl) ** 2 + (chroma / sc) ** 2 + hue / (sc * (f * t + 1 - f)) ** 2);
};
const red = [50, 80, 60];
const green = [50, -80, 60];
const seen = differences.differenceCmc(lab(...red), lab(...green));
const greys = differences.differenceCmc(lab(50, 0, 0), lab(60, 0, 0));
console.log(`red and green: CMC ${seen} (right: ${cmc(red, green).toFixed(2)}), CIE94 ${differences.differenceCie94(lab(...red), lab(...green))}`);
console.log(`two greys: CMC ${greys.toFixed(3)} (right: ${cmc([50, 0, 0], [60, 0, 0]).toFixed(3)})`);
if (Math.abs(greys - cmc([50, 0, 0], [60, 0, 0])) > 1e-9) throw new Error('greys are not what this probe expects');
if (seen !== 0) {
  console.error('The behaviour has changed: hue counts.');
  process.exit(1);
}
console.log('Still so: red and green do not differ.');
EOF
node probe.cjs
