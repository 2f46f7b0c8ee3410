#!/usr/bin/env bash
# grey() and convertColor('GREY') of image-js give two greys for one colour: red is 54 with the one and 76 with the other.
#
# Package: image-js 1.7.0. Any Node from 20.
#
# Expected: one library has one default for the grey of a colour.
# Seen: grey() weighs red, green and blue by 0.2126, 0.7152 and 0.0722 (Rec. 709), convertColor('GREY') by 0.299, 0.587 and 0.114 (Rec. 601). On
# pictures with transparency grey() multiplies by alpha too and convertColor('GREY') drops it: (200, 100, 50) at half alpha is 58 and 124.
# Why it matters: thresholds, texture measures and grey-scale baselines change by up to 32 levels with the name of the method; transparent
# margins are black for one and keep hidden colours for the other.
# Output seen: red 54/76, green 182/150, blue 18/29, (200, 100, 50) at alpha 128: 58/124.
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

const level = (image) => image.getRawImage().data[0];
const both = (colorModel, ...channels) => {
  const image = new Image(1, 1, { colorModel, data: Uint8Array.from(channels) });
  const seen = `${level(image.grey())}/${level(image.convertColor('GREY'))}`;
  console.log(`${channels}: grey() and convertColor give ${seen}`);
  return seen;
};
const seen = [both('RGB', 255, 0, 0), both('RGB', 0, 255, 0), both('RGB', 0, 0, 255), both('RGBA', 200, 100, 50, 128)];
if (seen.some((pair) => pair.split('/')[0] === pair.split('/')[1]) || seen[0] !== '54/76') {
  console.error('The behaviour has changed: the two methods give other greys.');
  process.exit(1);
}
console.log('Still so: the two methods weigh the colours differently.');
EOF
node probe.mjs
