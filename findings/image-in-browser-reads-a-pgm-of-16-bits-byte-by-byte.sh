#!/usr/bin/env bash
# image-in-browser reads the numbers 1, 256, 32768, 65535 of a binary PGM file as 0, 1, 1, 0.
#
# Package: image-in-browser 3.5.3. Any Node from 20.
#
# Expected: where the largest value of a PGM or PPM file is above 255 each number has two bytes, the higher one first.
# Seen: the image gets 16 bits, but each number is one byte of the file: 0x0001, 0x0100 ... are 0, 1, 1, 0, and the second half of the file is not read. The
# picture is stretched to twice its width, and nearly black. The same numbers as text (P2) are right, and so are binary files of up to 255.
# Why it matters: 16-bit PGM is what depth cameras, converters of raw photos and dumps of feature maps write.
# Output seen: P5 of 65535 0,1,1,0; P2 of 65535 1,256,32768,65535; P5 of 255 1,2,128,255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-in-browser@3.5.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { decodePnm } = require('image-in-browser');

console.log('image-in-browser', JSON.parse(readFileSync('node_modules/image-in-browser/package.json', 'utf8')).version);
const read = (what, header, data) => {
  const image = decodePnm({ data: new Uint8Array(Buffer.concat([Buffer.from(header), Buffer.from(data)])) });
  const values = [0, 1, 2, 3].map((x) => image.getPixel(x, 0).r).join();
  console.log(`${what}: ${values}`);
  return values;
};
const small = read('binary, 8 bits', 'P5 4 1 255\n', [1, 2, 128, 255]);
const text = read('text, 16 bits', 'P2 4 1 65535\n', '1 256 32768 65535\n');
const binary = read('binary, 16 bits', 'P5 4 1 65535\n', [0, 1, 1, 0, 128, 0, 255, 255]);
if (small !== '1,2,128,255' || text !== '1,256,32768,65535') throw new Error('the other files are not what this probe expects');
if (binary !== '0,1,1,0') {
  console.error('The behaviour has changed: numbers of two bytes are read.');
  process.exit(1);
}
console.log('Still so: each byte is a number.');
EOF
node probe.cjs
