#!/usr/bin/env bash
# colormap gives the last colour of a map of one's own five numbers when the map has transparency.
#
# Package: colormap 2.3.2. Any Node from 20.
#
# Expected: "rgb is a length 3/4 array" in a custom map, and the format rgbaString gives "rgba(255, 255, 255, 1)" (README): four numbers each.
# Seen: all colours are interpolated with the transparency of the map, and the last one is appended by itself with the transparency option, 1 by
# default, behind the four numbers it has: rgba(255,0,0,0.5,1). The format rgba is five numbers long.
# Why it matters: a canvas ignores a colour that it cannot read and draws in the former one; written one after another into a lookup table, five
# numbers shift all that follows. It is the colour of the largest values of a heat map.
# Output seen: four shades from rgba(0,0,0,1) to (255, 0, 0) at 0.5: rgba(0,0,0,1), rgba(85,0,0,0.833...), rgba(170,0,0,0.666...),
# rgba(255,0,0,0.5,1).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund colormap@2.3.2

cat > probe.cjs <<'EOF'
const colormap = require('colormap');

console.log('colormap', require('colormap/package.json').version);
const map = (...last) => [
  { index: 0, rgb: [0, 0, 0, 1].slice(0, last.length) },
  { index: 1, rgb: last },
];
const plain = colormap({ nshades: 4, format: 'rgba', colormap: map(255, 0, 0) });
const seen = colormap({ nshades: 4, format: 'rgba', colormap: map(255, 0, 0, 0.5) });
console.log('without transparency:', plain.map((colour) => colour.join(',')).join(' | '));
console.log('with transparency:', colormap({ nshades: 4, format: 'rgbaString', colormap: map(255, 0, 0, 0.5) }).join(' | '));
if (plain.some((colour) => colour.length !== 4) || seen.slice(0, 3).some((colour) => colour.length !== 4)) {
  throw new Error('the other colours are not what this probe expects');
}
if (seen[3].join() !== '255,0,0,0.5,1') {
  console.error('The behaviour has changed: the last colour is another one.');
  process.exit(1);
}
console.log('Still so: the last colour has five numbers.');
EOF
node probe.cjs
