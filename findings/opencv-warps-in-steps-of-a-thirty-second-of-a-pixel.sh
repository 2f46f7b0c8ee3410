#!/usr/bin/env bash
# OpenCV's warpAffine rounds positions to 1/32 of a pixel, for float images too: a shift by 0.01 does nothing at all.
#
# Package: @techstark/opencv-js 4.5.2 (OpenCV 4.5.1 in WebAssembly). Any Node from 20.
#
# Expected: a float image with bilinear interpolation is linear in the shift: 0.01 pixels on a ramp of 100 a pixel change it by 1.
# Seen: it changes by 0 for a shift of 0.01, by 3.125 for 0.02 and for 0.04, by 31.25 for 0.3. Positions are turned into integers with
# five fractional bits whatever the type of the image; cubic and Lanczos share them.
# Why it matters: sub-pixel registration and the gradient of a result by the transformation (how much does the answer change if the crop
# moves a little?) are stairs: zero almost everywhere. A smooth picture is off by up to 1/64 of its slope.
# Output seen: 0.01 -> 0, 0.02 -> 3.125, 0.04 -> 3.125, 0.3 -> 31.25, 0.5 -> 50.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @techstark/opencv-js@4.5.2

cat > probe.cjs <<'EOF'
const cv = require('@techstark/opencv-js');

function probe() {
  const ramp = cv.matFromArray(1, 4, cv.CV_32F, [0, 100, 200, 300]);
  /** What the second pixel gains when the ramp is shifted left by a part of a pixel. */
  const gain = (shift) => {
    const shifted = new cv.Mat();
    const transformation = cv.matFromArray(2, 3, cv.CV_64F, [1, 0, -shift, 0, 1, 0]);
    cv.warpAffine(ramp, shifted, transformation, new cv.Size(4, 1), cv.INTER_LINEAR, cv.BORDER_REPLICATE);
    return shifted.data32F[1] - 100;
  };
  console.log('@techstark/opencv-js', require('@techstark/opencv-js/package.json').version);
  const shifts = [0.01, 0.02, 0.04, 0.3, 0.5];
  const seen = shifts.map(gain);
  shifts.forEach((shift, i) => console.log(`shift ${shift}: ${seen[i]} (linear: ${100 * shift})`));
  if (seen.join() !== '0,3.125,3.125,31.25,50') {
    console.error('The behaviour has changed: positions are no longer rounded to 1/32 of a pixel.');
    process.exit(1);
  }
  console.log('Still so: shifts come in steps of 1/32 of a pixel.');
  process.exit(0);
}
cv.onRuntimeInitialized = probe;
EOF
node probe.cjs
