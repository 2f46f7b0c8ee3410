#!/usr/bin/env bash
# hdrify reads the largest Radiance pixel below 1 as 1.00196, and every pixel 0.4 % brighter than Radiance does.
#
# Package: hdrify 1.2.1. Any Node from 20.
#
# Expected: Radiance reads a byte m with the exponent e as (m + 0.5) / 256 x 2^(e - 128); other readers leave the 0.5 out. With e = 128 all pixels are
# below 1.
# Seen: the half is there, but the sum is divided by 255. 255 becomes 1.00196, more than 1, and 128 with e = 129, which is 1 or by Radiance 1.0039, is
# 1.0078. Files that hdrify writes itself are made for this reading and come back right, and are 0.4 % too dark everywhere else.
# Why it matters: a copy of a radiance map through hdrify into EXR is brighter by 0.4 %, at every pixel and with every copy, and exceeds its own range.
# Output seen: 255 at 2^0 1.00196; 128 at 2^1 1.00784; 1 at 2^0 0.00588, by Radiance 0.00586.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund hdrify@1.2.1

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { readHdr } from 'hdrify';

console.log('hdrify', JSON.parse(readFileSync('node_modules/hdrify/package.json', 'utf8')).version);
const header = '#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y 1 +X 1\n';
const ratios = [];
const read = (mantissa, exponent) => {
  const seen = readHdr(Uint8Array.from([...Buffer.from(header), mantissa, mantissa, mantissa, exponent])).data[0];
  const radiance = ((mantissa + 0.5) / 256) * 2 ** (exponent - 128);
  const plain = (mantissa / 256) * 2 ** (exponent - 128);
  console.log(`${mantissa} x 2^${exponent - 128}: ${seen.toFixed(5)}, by Radiance ${radiance.toFixed(5)}, without the half ${plain.toFixed(5)}`);
  ratios.push(seen / radiance);
  return seen;
};
const largest = read(255, 128);
read(128, 129);
read(1, 128);
if (readHdr(Uint8Array.from([...Buffer.from(header), 0, 0, 0, 0])).data[0] !== 0) throw new Error('black is not what this probe expects');
if (!(largest > 1) || ratios.some((ratio) => Math.abs(ratio - 256 / 255) > 1e-5)) {
  console.error('The behaviour has changed: pixels are as bright as Radiance has them.');
  process.exit(1);
}
console.log('Still so: pixels are 256 / 255 as bright as they are.');
EOF
node probe.js
