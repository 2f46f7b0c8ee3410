#!/usr/bin/env bash
# compareHist of OpenCV with HISTCMP_CORREL says 1, perfect agreement, of opposite histograms when their numbers are small, and of a flat one
# always.
#
# Package: @techstark/opencv-js 5.0.0-release.1 (OpenCV 5.0.0 compiled to WebAssembly). Any Node from 20. OpenCV 4.6 of Debian's python3-opencv does
# the same.
#
# Expected: Pearson's coefficient, the documented formula, which does not change when a histogram is counted in other units: -1 for two histograms
# where one is high where the other is low. A flat histogram has no coefficient.
# Seen: 1001, 999, 1001, 999 against 999, 1001, 999, 1001 gives -1; both divided by 100,000, which makes shares of them, give 1. Where the product
# of the two variances is below 2.2e-16 no coefficient is computed and the answer is 1. A flat histogram so agrees perfectly with every other one,
# also with one that is zero everywhere but in one bin.
# Why it matters: histograms of colours with thousands of bins are compared after normalisation, where the numbers are small. A search for similar
# pictures finds the most different ones, and the best match of all is the one without any structure.
# Output seen: counts -1.000, shares 1; flat against 0, 0, 9, 0: 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @techstark/opencv-js@5.0.0-release.1

cat > probe.cjs <<'EOF'
(async () => {
  const cv = await require('@techstark/opencv-js');
  console.log('OpenCV', cv.getBuildInformation().match(/OpenCV ([\d.]+)/)[1]);

  const histogram = (numbers) => cv.matFromArray(1, numbers.length, cv.CV_32F, numbers);
  const correlation = (one, other) => cv.compareHist(histogram(one), histogram(other), cv.HISTCMP_CORREL.value ?? cv.HISTCMP_CORREL);
  const high = [1001, 999, 1001, 999];
  const low = [999, 1001, 999, 1001];
  const shares = (counts) => counts.map((count) => count / 100_000);
  const counts = correlation(high, low);
  const small = correlation(shares(high), shares(low));
  const flat = correlation([1, 1, 1, 1], [0, 0, 9, 0]);
  console.log(`counts ${counts.toFixed(3)}, the same as shares ${small}; flat against one bin ${flat}`);
  if (Math.abs(counts + 1) > 1e-3) throw new Error('the correlation of counts is not what this probe expects');
  if (small !== 1 || flat !== 1) {
    console.error('The behaviour has changed: small or flat histograms no longer agree perfectly.');
    process.exit(1);
  }
  console.log('Still so: opposite histograms agree perfectly when their numbers are small.');
  process.exit(0);
})();
EOF
node probe.cjs
