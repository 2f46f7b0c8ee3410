#!/usr/bin/env bash
# tga reads opaque grey 100 with an alpha channel as the green 100, 255, 100.
#
# Package: tga 1.0.7. Any Node from 20.
#
# Expected: a black-and-white TGA file of 16 bits a pixel has grey in the first byte and alpha in the second: 100, 100, 100 with that alpha.
# Seen: the second byte is stored as the green channel, and alpha stays what the pixel before had. Opaque pictures turn green, and transparent ones
# magenta, (100, 0, 100), and opaque. Grey of 8 bits and colours of 24 and 32 bits are right.
# Why it matters: masks, mattes and renderings of depth are stored as grey with alpha; their mean per channel, and any greys made from the colours, are
# wrong by up to half of the range.
# Output seen: 100 with 255: 100, 255, 100, 255; 200 with 128: 200, 128, 200, 255; 8 bits 100: 100, 100, 100, 255; 24 bits 200, 100, 50: the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund tga@1.0.7

cat > probe.cjs <<'EOF'
const Tga = require('tga');

console.log('tga', require('tga/package.json').version);
/** An uncompressed TGA file of one row from the top left: type 3 is grey, 2 colour; the lower four bits of the descriptor count those of alpha. */
const read = (type, bits, alpha, bytes) => {
  const width = bytes.length / (bits / 8);
  const header = [0, 0, type, 0, 0, 0, 0, 0, 0, 0, 0, 0, width, 0, 1, 0, bits, 32 + alpha];
  const footer = [0, 0, 0, 0, 0, 0, 0, 0, ...Buffer.from('TRUEVISION-XFILE.\0')];
  const pixels = [...new Tga(Buffer.from([...header, ...bytes, ...footer])).pixels];
  console.log(`type ${type}, ${bits} bits, ${bytes.join(', ')}: ${pixels.join(', ')}`);
  return pixels.join();
};
if (read(3, 8, 0, [100, 200]) !== '100,100,100,255,200,200,200,255') throw new Error('grey of 8 bits is not what this probe expects');
if (read(2, 24, 0, [50, 100, 200]) !== '200,100,50,255') throw new Error('colours are not what this probe expects');
const seen = read(3, 16, 8, [100, 255, 200, 128]);
if (seen !== '100,255,100,255,200,128,200,255') {
  console.error('The behaviour has changed: the second byte is not green.');
  process.exit(1);
}
console.log('Still so: alpha is green.');
EOF
node probe.cjs
