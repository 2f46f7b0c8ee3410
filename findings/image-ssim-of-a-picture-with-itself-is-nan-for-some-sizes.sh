#!/usr/bin/env bash
# image-ssim compares a picture with itself to NaN when its width and height are one more than a multiple of eight, as 225 x 225.
#
# Package: image-ssim 0.2.0. Any Node from 20.
#
# Expected: the structural similarity of a picture with itself is 1, at every size.
# Seen: 1 for 224 x 224 and 226 x 226, NaN for 225 x 225, 65 x 65 and 9 x 17. The picture is cut into windows of 8 x 8; what remains in the corner
# is a window of its own, here of one pixel, and its variance is divided by the number of pixels less one. If one side only leaves one pixel all is
# right.
# Why it matters: 225 x 225 is a common size of thumbnails and network inputs. A NaN passes every check of the form "similarity < threshold" as if
# the pictures agreed.
# Output seen: 224: 1, 225: NaN, 226: 1, 225 x 224: 1, 9 x 17: NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund image-ssim@0.2.0

cat > probe.cjs <<'EOF'
const { compare } = require('image-ssim');

console.log('image-ssim', require('image-ssim/package.json').version);
const itself = (width, height) => {
  const picture = { data: Uint8Array.from({ length: width * height }, (_, i) => (i * 37) % 251), width, height, channels: 1 };
  const { ssim } = compare(picture, picture);
  console.log(`${width} x ${height}: ${ssim}`);
  return ssim;
};
const right = [itself(224, 224), itself(226, 226), itself(225, 224)];
const wrong = [itself(225, 225), itself(65, 65), itself(9, 17)];
if (right.some((ssim) => Math.abs(ssim - 1) > 1e-9)) throw new Error('the other sizes are not what this probe expects');
if (!wrong.every(Number.isNaN)) {
  console.error('The behaviour has changed: every picture is similar to itself.');
  process.exit(1);
}
console.log('Still so: some pictures are not even similar to themselves.');
EOF
node probe.cjs
