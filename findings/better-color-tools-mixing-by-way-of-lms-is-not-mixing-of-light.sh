#!/usr/bin/env bash
# better-color-tools mixes black and white by way of LMS to #656565, where half of the light is #bcbcbc.
#
# Package: better-color-tools 0.12.3. Any Node from 20.
#
# Expected: LMS is a linear function of linear RGB, so that a mean in it is the mean in linear RGB, whichever matrix is used: mix(a, b, 0.5, "lms")
# and mix(a, b, 0.5, "linearRGB") are the same colour but for rounding. "Mix colors via LMS (better for preserving hue than Oklab)" (types).
# Seen: the two steps are in the wrong order. The matrix for linear RGB is applied to the sRGB values, with their gamma, and the gamma is then
# removed from the result. The way back is wrong in the same order, so that each colour alone comes back as it is.
# Why it matters: gradients and palettes made so are far darker in their middle than any mean of the ends, by 87 levels for black and white, and the
# hue shifts: red and green give a brown with more red than green.
# Output seen: black and white: lms #656565, linearRGB #bcbcbc; red and green: #8b7600, #bcbc00; red with itself: #ff0000 both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund better-color-tools@0.12.3

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { mix } from 'better-color-tools';

console.log('better-color-tools', JSON.parse(readFileSync('node_modules/better-color-tools/package.json', 'utf8')).version);
const both = (name, first, second) => {
  const seen = ['lms', 'linearRGB'].map((space) => mix(first, second, 0.5, space).hex);
  console.log(`${name}: lms ${seen[0]}, linearRGB ${seen[1]}`);
  return seen;
};
const grey = both('black and white', '#000000', '#ffffff');
const yellow = both('red and green', '#ff0000', '#00ff00');
const red = both('red with itself', '#ff0000', '#ff0000');
if (red.join() !== '#ff0000,#ff0000' || grey[1] !== '#bcbcbc' || yellow[1] !== '#bcbc00') {
  throw new Error('red with itself or the mean of light is not what this probe expects');
}
if (grey[0] !== '#656565' || yellow[0] !== '#8b7600') {
  console.error('The behaviour has changed: mixing by way of LMS is another colour.');
  process.exit(1);
}
console.log('Still so: mixing by way of LMS is not mixing of light.');
EOF
node probe.mjs
