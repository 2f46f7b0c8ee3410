#!/usr/bin/env bash
# bit-twiddle takes a Morton code of 300 and 0 apart into 45 and 0: coordinates above 255 lose bits, and in three dimensions those above 511 become
# negative.
#
# Package: bit-twiddle 1.0.2. Any Node from 20.
#
# Expected: the documentation: if x and y are 16 bit, deinterleave2(interleave2(x, y), 0) === x; and the same for three of 10 bits.
# Seen: interleave2 is right. The last step of deinterleave2 shifts by 16 where the bits are 8 apart, so the high byte is put over the low one: 256
# becomes 1, 300 (1 and 44) 45, 65535 255. deinterleave3 gathers all ten bits and then takes the highest for a sign: 512 becomes -512 and 1023 becomes -1.
# Why it matters: tiles, textures and feature maps are addressed by such codes; up to 256 x 256 all is right, and beyond that different tiles come back
# with the same coordinates.
# Output seen: 255: 255; 256: 1; 300: 45; 65535: 255; in three dimensions 511: 511; 512: -512; 1023: -1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund bit-twiddle@1.0.2

cat > probe.cjs <<'EOF'
const { interleave2, deinterleave2, interleave3, deinterleave3 } = require('bit-twiddle');

console.log('bit-twiddle', require('bit-twiddle/package.json').version);
/** The code by its definition: bit i of the coordinate is bit i times the number of dimensions. */
const spread = (x, dimensions) => [...Array(16).keys()].reduce((code, i) => code + ((x >> i) & 1) * 2 ** (i * dimensions), 0);
const two = new Map([255, 256, 300, 65535].map((x) => [x, deinterleave2(interleave2(x, 0), 0)]));
const three = new Map([511, 512, 1023].map((x) => [x, deinterleave3(interleave3(x, 0, 0), 0)]));
console.log(`of two: ${[...two].map(([x, seen]) => `${x} ${seen}`).join(', ')}; of three: ${[...three].map(([x, seen]) => `${x} ${seen}`).join(', ')}`);
if ([...two.keys()].some((x) => interleave2(x, 0) !== spread(x, 2)) || [...three.keys()].some((x) => interleave3(x, 0, 0) !== spread(x, 3))) {
  throw new Error('the codes themselves are not what this probe expects');
}
if (two.get(255) !== 255 || three.get(511) !== 511) throw new Error('smaller coordinates are not what this probe expects');
if (two.get(256) !== 1 || two.get(300) !== 45 || three.get(512) !== -512 || three.get(1023) !== -1) {
  console.error('The behaviour has changed: coordinates come back.');
  process.exit(1);
}
console.log('Still so: the upper half of the coordinates does not come back.');
EOF
node probe.cjs
