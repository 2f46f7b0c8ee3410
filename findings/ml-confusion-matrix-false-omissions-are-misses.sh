#!/usr/bin/env bash
# getFalseOmissionRate of ml-confusion-matrix is the false negative rate, so it and the negative predictive value do not add up to 1.
#
# Package: ml-confusion-matrix 2.0.0. Any Node from 20.
#
# Expected: the documentation names the metrics after Wikipedia's page on the confusion matrix. The false omission rate is the share of false ones
# among the negative answers, FN / (FN + TN), the complement of the negative predictive value, as the false discovery rate is that of the
# positive one.
# Seen: of 900 pictures without a cat 850 are rejected, of 100 with one 40 are. 40 of 890 rejections are wrong, 4.5 %; the package says 40 %,
# which is FN / (FN + TP), and the same as getFalseNegativeRate. The false discovery rate and the two predictive values are right.
# Why it matters: for a rare class the two differ by an order of magnitude. Who decides by this number whether rejected pictures may be
# skipped, or computed with fewer bits, decides wrongly.
# Output seen: false omission rate 0.4 beside a negative predictive value of 0.955.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-confusion-matrix@2.0.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { ConfusionMatrix } = require('ml-confusion-matrix');

console.log('ml-confusion-matrix', JSON.parse(readFileSync('node_modules/ml-confusion-matrix/package.json', 'utf8')).version);
const matrix = new ConfusionMatrix([[60, 40], [50, 850]], ['cat', 'none']);
const tp = matrix.getTruePositiveCount('cat'), fn = matrix.getFalseNegativeCount('cat');
const fp = matrix.getFalsePositiveCount('cat'), tn = matrix.getTrueNegativeCount('cat');
const omission = matrix.getFalseOmissionRate('cat'), discovery = matrix.getFalseDiscoveryRate('cat');
const negative = matrix.getNegativePredictiveValue('cat'), positive = matrix.getPositivePredictiveValue('cat');
console.log(`TP ${tp}, FN ${fn}, FP ${fp}, TN ${tn}`);
console.log(`false omission rate  ${omission} (right: ${fn / (fn + tn)}), 1 - negative predictive value ${1 - negative}`);
console.log(`false discovery rate ${discovery} (right: ${fp / (fp + tp)}), 1 - positive predictive value ${1 - positive}`);
const near = (a, b) => Math.abs(a - b) < 1e-9;
if ([tp, fn, fp, tn].join() !== '60,40,50,850' || !near(discovery, 1 - positive) || !near(negative, tn / (tn + fn))) {
  throw new Error('the counts or the other rates are not what this probe expects');
}
if (!near(omission, matrix.getFalseNegativeRate('cat')) || near(omission, 1 - negative)) {
  console.error('The behaviour has changed: the false omission rate is no longer the false negative rate.');
  process.exit(1);
}
console.log('Still so: the false omission rate is that of the misses among the positives.');
EOF
node probe.cjs
