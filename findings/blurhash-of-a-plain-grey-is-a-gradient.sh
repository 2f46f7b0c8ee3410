#!/usr/bin/env bash
# The BlurHash of a picture that is one grey all over decodes to a gradient, 147 at the upper left and 108 elsewhere for a grey of 128.
#
# Package: blurhash 2.0.5. Any Node from 20.
#
# Expected: the hash holds coefficients of a discrete cosine transform. All but the first of a constant are 0, so a plain grey comes back plain.
# Seen: the cosines are sampled at the left edge of the pixels, cos(pi i x / width), and not in their middles, cos(pi i (x + 1/2) / width). So sampled
# they are not orthogonal to a constant: even at 100 x 100 pixels, 4 x 3 components, the grey comes back as 124 to 132. With one
# component, which is the mean, it comes back as 128.
# Why it matters: encoders are fed small pictures for speed, where the fault is largest (39 levels at 16 x 16). As a measure of likeness the hash
# depends on the size that a picture had, and every placeholder is lighter at the upper left.
# Output seen: 16 x 16: 108 to 147; 32 x 32: 118 to 138; 100 x 100: 124 to 132; one component: 128 to 128.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund blurhash@2.0.5

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { decode, encode } from 'blurhash';

console.log('blurhash', JSON.parse(readFileSync('node_modules/blurhash/package.json', 'utf8')).version);

/** The smallest and the largest level to which a square of grey 128 comes back. */
const range = (side, across, down) => {
  const pixels = new Uint8ClampedArray(side * side * 4).fill(128).map((level, i) => (i % 4 === 3 ? 255 : level));
  const hash = encode(pixels, side, side, across, down);
  const levels = decode(hash, side, side).filter((_, i) => i % 4 === 0);
  const [low, high] = [Math.min(...levels), Math.max(...levels)];
  console.log(`${side} x ${side}, ${across} x ${down} components: ${hash}, levels ${low} to ${high}`);
  return high - low;
};

const spans = [range(16, 4, 3), range(32, 4, 3), range(100, 4, 3), range(16, 1, 1)];
if (spans[3] !== 0 || spans[0] < 30 || spans[1] < 10 || spans[2] < 4) {
  console.error('The behaviour has changed: a plain grey comes back plain.');
  process.exit(1);
}
console.log('Still so: a plain grey comes back as a gradient, the more the smaller the picture.');
EOF
node probe.mjs
