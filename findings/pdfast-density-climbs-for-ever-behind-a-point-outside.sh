#!/usr/bin/env bash
# A number just below the range makes pdfast's density climb all the way to the other end.
#
# Package: pdfast 0.2.0 (kernel density estimates, the curve of many violin plots). Any Node from 20.
#
# Expected: a triangular kernel. A number outside `min` and `max` counts as far as its triangle reaches in, or not at all; numbers above `max` do.
# Seen: with steps of 1, a kernel of three steps and the range 0 to 10 the density of [5] is a triangle over 3 to 7. That of [5, -2] has its largest
# value at 10, where there is no number within five steps, and 5 is no peak any more. The falling flank of the triangle at -2 would begin at -1, outside
# the list, and is left out; its end is inside and is added: the slope is 1, then 2, to the end. -1, 11 and 12 do no harm.
# Why it matters: a range is given to draw several distributions on one axis (activations of layers, errors cut at zero), and those of which a few
# numbers lie just outside get a rising tail that looks like data.
# Output seen: density at 10: 0 for [5], 0.154 for [5, -2], the maximum.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund pdfast@0.2.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const pdfast = require('pdfast');

console.log('pdfast', JSON.parse(readFileSync('node_modules/pdfast/package.json', 'utf8')).version);
const density = (numbers) => {
  const curve = pdfast.create(numbers, { min: 0, max: 10, size: 11, width: 3 }).map((point) => point.y);
  console.log(`${JSON.stringify(numbers)}: ${curve.map((y) => y.toFixed(3)).join(' ')}`);
  return curve;
};
const peak = (curve) => curve.indexOf(Math.max(...curve));
const inside = density([5]);
const near = density([5, -1]);
const below = density([5, -2]);
const above = density([5, 12]);
if (peak(inside) !== 5 || Math.abs(inside[10]) > 1e-9 || Math.abs(near[10]) > 1e-9) throw new Error('the triangle is not what this probe expects');
if (peak(below) !== 10 || below[10] < 0.15) {
  console.error('The behaviour has changed: a number below the range leaves the far end alone.');
  process.exit(1);
}
console.log(`Still so: with a number at -2 the density is largest at 10, with one at 12 it is ${above[0].toFixed(3)} at 0.`);
EOF
node probe.cjs
