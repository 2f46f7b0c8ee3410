#!/usr/bin/env bash
# Converted to 16 bits with image-js white is 65280, not 65535; back at 8 bits it is 255, so no round trip shows it.
#
# Package: image-js 1.7.0. Any Node from 20.
#
# Expected: white stays white: 255 of 255 is 65535 of 65535, as in PNG (times 257), and the picture inverted is black.
# Seen: the bytes are shifted by eight bits: 255 becomes 65280, 128 32768. Inverted, white is 255 of 65535 instead of 0. The other way
# the lower byte is cut, so 8 bits to 16 and back are exact.
# Why it matters: a picture at 16 bits divided by 65535 is 0.4 % darker than the same picture at 8 bits divided by 255, about one level in 255, and
# masks that compare with the largest number find nothing.
# Output seen: 0, 128, 255 -> 0, 32768, 65280; inverted 65535, 32767, 255; back 0, 128, 255.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-js@1.7.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { Image } from 'image-js';

console.log('image-js', JSON.parse(readFileSync('node_modules/image-js/package.json', 'utf8')).version);

const levels = (image) => [...image.getRawImage().data].join();
const bytes = new Image(3, 1, { colorModel: 'GREY', data: Uint8Array.from([0, 128, 255]) });
const wide = bytes.convertBitDepth(16);
const seen = [levels(wide), levels(wide.invert()), levels(wide.convertBitDepth(8))];
console.log(`0, 128, 255 at 16 bits: ${seen[0]} (right: 0,32896,65535)`);
console.log(`inverted: ${seen[1]} (right: 65535,32639,0)`);
console.log(`back at 8 bits: ${seen[2]}`);
if (seen.join(' ') !== '0,32768,65280 65535,32767,255 0,128,255') {
  console.error('The behaviour has changed: white is another number at 16 bits.');
  process.exit(1);
}
console.log('Still so: white is 65280 of 65535.');
EOF
node probe.mjs
