#!/usr/bin/env bash
# color-map makes a map of three colours with transparency from 0 to 1 rise twice from 0 to 1.
#
# Package: color-map 2.2.0. Any Node from 20.
#
# Expected: alpha is the range over the shades, as in createColors of the same package and in the package colormap, which it is "inspired from": 0
# at the first shade and 1 at the last. An alpha of [0, 1] over a map of two colours is so.
# Seen: each piece between two colours of the map is made by createColors with the whole range: eight shades are 0, 0.33, 0.67, 1, 0, 0.33, 0.67, 1.
# The middle is at once opaque and, one shade on, invisible.
# Why it matters: a map that fades in over a picture is how heat maps are laid over photographs; with more than two colours, as nearly all have, the
# middle of the scale has a hole.
# Output seen: two colours: 0, 0.14, 0.29, ... 1; three colours: 0, 0.33, 0.67, 1, 0, 0.33, 0.67, 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund color-map@2.2.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { createColorsFromMap } from 'color-map';

console.log('color-map', JSON.parse(readFileSync('node_modules/color-map/package.json', 'utf8')).version);
const grey = (index) => ({ index, rgb: [200 * index, 200 * index, 200 * index] });
const alphas = (...indices) => {
  const seen = createColorsFromMap(indices.map(grey), 8, [0, 1]).map((colour) => +colour[3].toFixed(2));
  console.log(`${indices.length} colours: ${seen.join(', ')}`);
  return seen.join();
};
const two = alphas(0, 1);
const three = alphas(0, 0.5, 1);
if (two !== '0,0.14,0.29,0.43,0.57,0.71,0.86,1') throw new Error('two colours are not what this probe expects');
if (three !== '0,0.33,0.67,1,0,0.33,0.67,1') {
  console.error('The behaviour has changed: three colours have another transparency.');
  process.exit(1);
}
console.log('Still so: the transparency starts again at every colour.');
EOF
node probe.mjs
