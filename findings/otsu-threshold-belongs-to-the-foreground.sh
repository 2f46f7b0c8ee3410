#!/usr/bin/env bash
# The threshold of otsu is the lowest level of the foreground, and the comparison in its documentation sends that level to the background.
#
# Package: otsu 0.0.5. Any Node from 20.
#
# Expected: its documentation binarises with `e > t ? 1 : 0`, as OpenCV and scikit-image do with their thresholds, which are the highest level
# of the background: for a picture of 10 and 200 alone any threshold from 10 to 199 parts them.
# Seen: the answer is 200, and no pixel is above it: the binarised picture is black. For 0 and 1, a mask that is binary already, the answer is 1 and
# the mask vanishes. In a picture of many levels the darkest level of the object is lost. `e >= t` is right.
# Why it matters: masks of objects, text and saliency are cut out with this method because nothing has to be chosen. Clean pictures, which
# one would test with, fail altogether, photographs lose a little.
# Output seen: threshold 200, binarised 0,0,0,0,0,0; with >= 0,0,0,1,1,1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund otsu@0.0.5

cat > probe.cjs <<'EOF'
const otsu = require('otsu').default;

console.log('otsu', require('otsu/package.json').version);
const row = (levels) => {
  const threshold = otsu(levels);
  const documented = levels.map((level) => (level > threshold ? 1 : 0)).join();
  const inclusive = levels.map((level) => (level >= threshold ? 1 : 0)).join();
  console.log(`${levels.join()}: threshold ${threshold}, above it ${documented}, from it on ${inclusive}`);
  return { threshold, documented, inclusive };
};
const two = row([10, 10, 10, 200, 200, 200]);
const mask = row([0, 0, 0, 1, 1]);
const many = row([0, 1, 2, 3, 100, 101, 102]);
if (two.inclusive !== '0,0,0,1,1,1' || mask.inclusive !== '0,0,0,1,1' || many.inclusive !== '0,0,0,0,1,1,1') {
  throw new Error('the threshold parts other levels than this probe expects');
}
if (two.documented.includes('1') || mask.documented.includes('1') || many.documented !== '0,0,0,0,0,1,1') {
  console.error('The behaviour has changed: the documented comparison now keeps the lowest level of the foreground.');
  process.exit(1);
}
console.log('Still so: nothing of a picture of two levels is above its threshold.');
EOF
node probe.cjs
