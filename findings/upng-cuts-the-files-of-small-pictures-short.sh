#!/usr/bin/env bash
# UPNG.encode cuts the file of a small picture off at four bytes a pixel and 100 more: 16 x 16 pixels of 256 colours are no PNG.
#
# Package: upng-js 2.1.0, read by pngjs 7.0.0. Any Node from 20.
#
# Expected: a complete PNG, which ends with the chunk IEND, at every size.
# Seen: the file is written into an array of 4 bytes for each pixel and 100 more, and what does not fit is dropped without an error. A palette with
# transparency, which is written for opaque pictures too, takes four bytes for each colour, so a picture with nearly as many colours as pixels does
# not fit. 8 x 8 with 64 colours ends in the middle of its data: neither pngjs nor UPNG.decode reads it. Two pixels end before IEND, which some
# readers let pass.
# Why it matters: colour bars, swatches, thumbnails and the small maps of regions that go with a network's layers are such pictures, and those of a
# few hundred pixels and more, as they are tested, are right.
# Output seen: 8 x 8 with 64 colours: 356 bytes, no IEND, pngjs fails; 32 x 32 with 64 colours: IEND, read back the same.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund upng-js@2.1.0 pngjs@7.0.0

cat > probe.cjs <<'EOF'
const { PNG } = require('pngjs');
const UPNG = require('upng-js');

console.log('upng-js', require('upng-js/package.json').version);
const write = (size, colours) => {
  const greys = Array.from({ length: size * size }, (_, i) => (i % colours) * 4);
  const rgba = Uint8Array.from(greys.flatMap((grey) => [grey, grey, grey, 255]));
  const file = Buffer.from(UPNG.encode([rgba.buffer], size, size, 0));
  const complete = file.subarray(-8, -4).toString('latin1') === 'IEND';
  let same = false;
  try {
    same = PNG.sync.read(file).data.equals(Buffer.from(rgba));
  } catch (error) {
    console.log(`pngjs: ${error.message}`);
  }
  const end = complete ? 'ends' : 'does not end';
  console.log(`${size} x ${size} with ${colours} colours: ${file.length} bytes, ${end} with IEND, read back the same: ${same}`);
  return { complete, same };
};
const large = write(32, 64);
const small = write(8, 64);
if (!large.complete || !large.same) throw new Error('the larger picture is not what this probe expects');
if (small.complete || small.same) {
  console.error('The behaviour has changed: small pictures are complete.');
  process.exit(1);
}
console.log('Still so: a small picture is cut short.');
EOF
node probe.cjs
