#!/usr/bin/env bash
# Of d3's colour maps viridis is the published table, colour for colour; cividis is a polynomial that is up to 19 levels off.
#
# Packages: d3-scale-chromatic 3.1.1, against the tables in @colormap/presets 0.2.0 (equal to those of Matplotlib 3.6.3). Any Node from 20.
#
# Expected: interpolateViridis and interpolateCividis are made alike, from the 256 published colours; maps that are known by name are the
# same in every program.
# Seen: viridis, magma, inferno and plasma are tables and exact. cividis (and turbo) are fits of a polynomial for each channel: nearly every
# colour differs, the blue of the bright end by 19 levels, and neither end is the published colour.
# Why it matters: cividis is the map that one picks for readers with a colour deficiency. Values read back from such a picture through the
# published table (a common way to recover data from figures, or to compare two renderings pixel by pixel) are off.
# Output seen: viridis 0 of 256 differ, magma 0, cividis 251 of 256, by up to 19; last colour 253,234,69 instead of 254,232,56.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund d3-scale-chromatic@3.1.1 @colormap/presets@0.2.0

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import * as d3 from 'd3-scale-chromatic';
import presets from '@colormap/presets';

/** The bytes of '#440154' or of 'rgb(68, 1, 84)'. */
const bytes = (colour) => colour.startsWith('#')
  ? [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16))
  : colour.match(/\d+/g).map(Number);

/** How many of the 256 colours differ from the published table, and by how many levels of a channel at most. */
function compare(interpolate, table) {
  const distances = table.map((published, i) => {
    const drawn = bytes(interpolate(i / 255));
    return Math.max(...published.map((fraction, channel) => Math.abs(Math.round(fraction * 255) - drawn[channel])));
  });
  return { differing: distances.filter((d) => d > 0).length, most: Math.max(...distances) };
}

console.log('d3-scale-chromatic', JSON.parse(readFileSync('node_modules/d3-scale-chromatic/package.json')).version);
const seen = {
  viridis: compare(d3.interpolateViridis, presets.viridis),
  magma: compare(d3.interpolateMagma, presets.magma),
  cividis: compare(d3.interpolateCividis, presets.cividis),
};
for (const [name, { differing, most }] of Object.entries(seen)) console.log(`${name}: ${differing} of 256 differ, by up to ${most} levels`);
const published = presets.cividis[255].map((fraction) => Math.round(fraction * 255));
console.log(`last colour of cividis ${bytes(d3.interpolateCividis(1))}, published ${published}`);
if (seen.viridis.differing !== 0 || seen.magma.differing !== 0) throw new Error('viridis and magma are not exact, as this probe expects');
if (seen.cividis.differing < 200 || seen.cividis.most < 15) {
  console.error('The behaviour has changed: cividis is now close to the published table.');
  process.exit(1);
}
console.log('Still so: viridis is exact, cividis is a fitted curve.');
EOF
node probe.js
