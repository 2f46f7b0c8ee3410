#!/usr/bin/env bash
# Resampled by xyEquallySpaced, a constant 5 is 2.75 at both ends.
#
# Package: ml-spectra-processing 14.35.1. Any Node from 20.
#
# Expected: a constant stays a constant, and from and to, if they are not given, are the ends of the data.
# Seen: the default, smooth, averages over a slot around every output point. Half of the first and of the last slot lies outside the data, and there it
# counts what is not known as about 0: 101 fives become 2.75, nine times 5, and 2.75. The variant slot, and a range inside the data, give 5 everywhere.
# Why it matters: curves of accuracy or energy over bits are brought to one grid this way before they are compared; the cheapest and the best
# point of each, which are its ends, come out at about half.
# Output seen: smooth 2.75, 5 ... 5, 2.75; slot 5 ... 5; from 20 to 80: 5 ... 5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-spectra-processing@14.35.1

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { xyEquallySpaced } from 'ml-spectra-processing';

console.log('ml-spectra-processing', JSON.parse(readFileSync('node_modules/ml-spectra-processing/package.json', 'utf8')).version);
const x = Array.from({ length: 101 }, (_, i) => i);
const fives = { x, y: x.map(() => 5) };
const resample = (what, options) => {
  const y = [...xyEquallySpaced(fives, options).y].map((value) => +value.toFixed(6));
  console.log(`${what}: ${y.join(', ')}`);
  return y;
};
const smooth = resample('smooth', { numberOfPoints: 11 });
const slot = resample('slot', { numberOfPoints: 11, variant: 'slot' });
const inside = resample('smooth, from 20 to 80', { from: 20, to: 80, numberOfPoints: 7 });
if (![...slot, ...inside, ...smooth.slice(1, -1)].every((value) => value === 5)) throw new Error('the other points are not what this probe expects');
if (smooth[0] !== 2.75 || smooth[10] !== 2.75) {
  console.error('The behaviour has changed: a constant is a constant up to its ends.');
  process.exit(1);
}
console.log('Still so: a constant is halved at its ends.');
EOF
node probe.mjs
