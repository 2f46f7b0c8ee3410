#!/usr/bin/env bash
# A density of d3-contour with a bandwidth of 2 is that of 4.3, and with 5 that of 6.9.
#
# Package: d3-contour 4.0.3. Any Node from 20.
#
# Expected: the bandwidth is documented as the standard deviation of the Gaussian kernel. One point then has the peak 1 / (2 pi bandwidth^2).
# Seen: from the peak, and from the area above half of it, follows a deviation of 4.3 for 2, 6.9 for 5, 12.3 for 10 and 44.2 for 40, with all of the
# mass, 1, in place. The radius of the box filters that stand for the Gaussian is worked out in pixels, where r^2 + r is the variance, and then used in
# cells of 4 pixels. With cells of 1 it is 2.3 and 5.4.
# Why it matters: the peak of a small bandwidth is a fifth, or a half, of what it should be, and clusters that are told apart elsewhere merge here.
# Output seen: bandwidth 2: 4.29; 5: 6.93; 10: 12.29; 40: 44.18; with cells of 1: 2.32, 5.39, 10.67, 42.56.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund d3-contour@4.0.3

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { contourDensity } from 'd3-contour';

console.log('d3-contour', JSON.parse(readFileSync('node_modules/d3-contour/package.json', 'utf8')).version);
/** The area of a ring, from its corners. */
const area = (ring) => Math.abs(ring.slice(1).reduce((sum, [x, y], i) => sum + ring[i][0] * y - x * ring[i][1], 0)) / 2;
const measure = (bandwidth) => {
  const contours = contourDensity().size([400, 400]).bandwidth(bandwidth).contours([[200, 200]]);
  const fine = contourDensity().size([400, 400]).cellSize(1).bandwidth(bandwidth).contours([[200, 200]]);
  const fromPeak = Math.sqrt(1 / (2 * Math.PI * contours.max));
  const half = contours(contours.max / 2).coordinates.reduce((sum, [outer]) => sum + area(outer), 0);
  const fromArea = Math.sqrt(half / (2 * Math.PI * Math.LN2));
  const fromFine = Math.sqrt(1 / (2 * Math.PI * fine.max));
  console.log(`bandwidth ${bandwidth}: ${fromPeak.toFixed(2)} by the peak, ${fromArea.toFixed(2)} by the area, ${fromFine.toFixed(2)} with cells of 1`);
  return { fromPeak, fromArea };
};
const [two, five, , forty] = [2, 5, 10, 40].map(measure);
if (Math.abs(two.fromPeak - two.fromArea) > 0.2 || Math.abs(forty.fromPeak / 40 - 1) > 0.15) throw new Error('the densities are not what this probe expects');
if (Math.abs(two.fromPeak - 4.29) > 0.1 || Math.abs(five.fromPeak - 6.93) > 0.1) {
  console.error('The behaviour has changed: the bandwidth is the standard deviation.');
  process.exit(1);
}
console.log('Still so: the deviation exceeds the bandwidth.');
EOF
node probe.mjs
