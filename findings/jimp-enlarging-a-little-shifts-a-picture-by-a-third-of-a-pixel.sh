#!/usr/bin/env bash
# jimp's default resize moves what it enlarges: by a third of a pixel for 50 -> 51, and the other way for 50 -> 400.
#
# Package: jimp 1.6.1. Any Node from 20.
#
# Expected: resizing keeps the picture where it is, whatever the factor (a grey ramp keeps its value at each relative position), or the
# offset is the known half pixel of resizers that align corners.
# Seen: shrinking is exact. Enlarging reads every pixel one third of a *source* pixel further left, for every factor, where centred sampling
# asks for an offset of (1 - 1/factor) / 2. The two agree only for a factor of 3. For 50 -> 51 the content is 0.33 source pixels off, for
# 50 -> 100 it is 0.08 off, for 50 -> 400 it is 0.10 off to the other side.
# Why it matters: pipelines that bring photos "about 256 wide" to 256 shrink some and enlarge others; the enlarged ones are sampled
# elsewhere, and classifiers at the edge of a decision answer differently.
# Output seen (in source pixels): 50->51 -0.32, 50->100 -0.08, 50->150 0.00, 50->400 0.11, 51->50 -0.00.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jimp@1.6.1

cat > probe.cjs <<'EOF'
const { Jimp } = require('jimp');

const SLOPE = 60; // grey levels from one source pixel to the next, on a ramp in the middle of the picture

/** How far the content lies from where centred sampling puts it, in source pixels (positive: too far right in the source). */
function offset(from, to) {
  const start = Math.floor(from / 2) - 2;
  const image = new Jimp({ width: from, height: from, color: 0x000000ff });
  for (let i = 0; i < from * from; i++) {
    image.bitmap.data.fill(Math.min(240, Math.max(0, SLOPE * ((i % from) - start))), 4 * i, 4 * i + 3);
  }
  image.resize({ w: to, h: to });
  const row = Math.floor(to / 2) * to;
  const errors = [];
  for (let x = 0; x < to; x++) {
    const level = image.bitmap.data[4 * (row + x)];
    const centred = ((x + 0.5) * from) / to - 0.5;
    if (level > 20 && level < 220) errors.push(start + level / SLOPE - centred);
  }
  return errors.reduce((sum, error) => sum + error) / errors.length;
}

console.log('jimp', require('jimp/package.json').version);
const seen = {};
for (const [from, to] of [[50, 51], [50, 100], [50, 150], [50, 400], [51, 50]]) {
  seen[to] = offset(from, to);
  console.log(`${from} -> ${to}: off by ${seen[to].toFixed(2)} source pixels`);
}
if (Math.abs(seen[51] + 0.33) > 0.03 || Math.abs(seen[400] - 0.1) > 0.03 || Math.abs(seen[50]) > 0.03) {
  console.error('The behaviour has changed: the shift of an enlarged picture no longer depends on the factor.');
  process.exit(1);
}
console.log('Still so: the less jimp enlarges, the further it shifts.');
EOF
node probe.cjs
