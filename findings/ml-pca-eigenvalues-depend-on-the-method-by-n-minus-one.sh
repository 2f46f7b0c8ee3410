#!/usr/bin/env bash
# ml-pca's eigenvalues are n - 1 times larger with the method NIPALS than with SVD or the covariance matrix, for the same n rows.
#
# Package: ml-pca 4.1.1. Any Node from 20.
#
# Expected: method chooses how the decomposition is computed, not what it is. getEigenvalues are the variances along the components,
# getStandardDeviations their roots; the sum is the total variance of the columns.
# Seen: for four rows of two numbers SVD and covarianceMatrix give 12.57 and 0.43, whose sum 13 is the sum of the two variances; NIPALS gives
# 37.70 and 1.30, three times as much: sums of squares that nobody divided by n - 1. The explained variance, a ratio, agrees.
# Why it matters: NIPALS is the method for many columns, such as activations of a layer. Thresholds on eigenvalues (above 1, above noise), scree
# plots and whitening by the standard deviations are off by the number of images, and the check by ratios finds nothing.
# Output seen: SVD 12.567, 0.433; covarianceMatrix 12.567, 0.433; NIPALS 37.700, 1.300.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-pca@4.1.1

cat > probe.cjs <<'EOF'
const { PCA } = require('ml-pca');

const rows = [[1, 2], [3, 5], [4, 4], [6, 9]];
const total = [0, 1].reduce((sum, column) => {
  const mean = rows.reduce((s, row) => s + row[column], 0) / rows.length;
  return sum + rows.reduce((s, row) => s + (row[column] - mean) ** 2, 0) / (rows.length - 1);
}, 0);

console.log('ml-pca', require('ml-pca/package.json').version);
const sums = ['SVD', 'covarianceMatrix', 'NIPALS'].map((method) => {
  const pca = new PCA(rows, { method });
  const eigenvalues = pca.getEigenvalues();
  const share = pca.getExplainedVariance()[0];
  const deviation = pca.getStandardDeviations()[0];
  const listed = eigenvalues.map((v) => v.toFixed(3)).join(', ');
  console.log(`${method}: eigenvalues ${listed}; first share ${share.toFixed(4)}, first deviation ${deviation.toFixed(3)}`);
  return eigenvalues[0] + eigenvalues[1];
});
console.log(`sum of the variances of the columns: ${total}`);
const near = (a, b) => Math.abs(a - b) < 1e-6;
if (!near(sums[0], total) || !near(sums[1], total) || !near(sums[2], total * (rows.length - 1))) {
  console.error('The behaviour has changed: the methods agree, or differ in another way.');
  process.exit(1);
}
console.log('Still so: the eigenvalues of NIPALS are n - 1 times the variances.');
EOF
node probe.cjs
