#!/usr/bin/env bash
# hdrify writes all pixels below 1 into a Radiance file with the same exponent, so that 0.003, 0.001 and 0.0001 are one and the same grey.
#
# Package: hdrify 1.2.1. Any Node from 20.
#
# Expected: RGBE is a floating format: eight bits for each number and an exponent down to 2^-128 for each pixel, an error of about 1 % at any brightness.
# Seen: exponents below 128, which is 2^0, are raised to 128. A pixel below 1 has the steps of an eight-bit picture in linear light, 1/255: 0.02 comes back
# as 0.0216, 0.01 as 0.0098, and everything below 0.004 as 0.00196, black as well as it can be written but for 0 itself. Above 1 the exponent is used and
# the error is below 1 %. A file of another program with small exponents is read right.
# Why it matters: shadows, and maps of small numbers as gradients are, are what the format is chosen for.
# Output seen: 100 100.14, 1.5 1.502, 0.1 0.1, 0.01 0.0098, 0.003 0.00196, 0.0001 0.00196; every pixel below 1 has the exponent 128.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund hdrify@1.2.1

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { readHdr, writeHdr } from 'hdrify';

console.log('hdrify', JSON.parse(readFileSync('node_modules/hdrify/package.json', 'utf8')).version);
const levels = [100, 1.5, 0.6, 0.1, 0.01, 0.003, 0.001, 0.0001];
const pixels = Float32Array.from(levels.flatMap((x) => [x, x, x, 1]));
const image = { width: levels.length, height: 1, data: pixels, linearColorSpace: 'linear-rec709', metadata: {} };
const file = writeHdr(image);
const { data } = readHdr(file);
const back = levels.map((_, i) => data[4 * i]);
const exponents = levels.map((_, i) => file[file.length - 4 * levels.length + 4 * i + 3]);
levels.forEach((x, i) => console.log(`${x}: ${back[i].toPrecision(4)}, exponent ${exponents[i]}`));
// The same format written by hand: 128 of 256, times 2^-9, is 0.001 to within 3 %.
const header = '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n';
const small = readHdr(Uint8Array.from([...Buffer.from(header), 128, 128, 128, 119])).data[0];
console.log(`a file with 128 x 2^-17: ${small.toPrecision(4)}`);
if (Math.abs(back[0] - 100) > 1 || Math.abs(small - 0.000977) > 0.00002) {
  throw new Error('bright pixels, or small exponents, are not what this probe expects');
}
if (exponents.slice(2).some((e) => e !== 128) || back[5] !== back[7] || back[7] < 0.0019) {
  console.error('The behaviour has changed: dark pixels have their own exponent.');
  process.exit(1);
}
console.log('Still so: below 1 there are eight bits.');
EOF
node probe.js
