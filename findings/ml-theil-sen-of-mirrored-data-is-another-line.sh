#!/usr/bin/env bash
# The Theil-Sen line through 1, 2, 3, 10 has the slope 1 and that through -1, -2, -3, -10 the slope -3.
#
# Package: ml-regression-theil-sen 3.0.0. Any Node from 20.
#
# Expected: the slope is the median of the slopes between all pairs of points, and the median of an even number of them the mean of the middle two. The
# six slopes are 1, 1, 1, 3, 4 and 7, so it is 2, and -2 for the mirrored points.
# Seen: the lower of the middle two is taken, for slopes and for the intercept. The number of slopes is even for 4, 5, 8, 9, 12, 13 and so on points, that
# of points for the intercept every other time. Slopes are too low, and of falling data too steep.
# Why it matters: the method is chosen because a few outliers must not move the line; a learning curve and its mirror image, accuracy and error rate,
# disagree on the trend.
# Output seen: 1, 2, 3, 10: 1 (2); mirrored: -3 (-2); 1, 3, 2 (three slopes): 0.5 and mirrored -0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-regression-theil-sen@3.0.0

cat > probe.cjs <<'EOF'
const { TheilSenRegression } = require('ml-regression-theil-sen');

console.log('ml-regression-theil-sen', require('ml-regression-theil-sen/package.json').version);
/** The median of the slopes between all pairs. */
const median = (numbers) => {
  const sorted = [...numbers].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return (sorted[Math.floor(half)] + sorted[Math.ceil(half)]) / 2;
};
const slopes = (y) => y.flatMap((a, i) => y.slice(i + 1).map((b, j) => (b - a) / (j + 1)));
const seen = (y) => {
  const { slope } = new TheilSenRegression(y.map((_, i) => i + 1), y);
  console.log(`${y.join(', ')}: ${slope} (right: ${median(slopes(y))})`);
  return slope;
};
const odd = [[1, 3, 2], [-1, -3, -2]].map(seen);
if (odd[0] !== 0.5 || odd[1] !== -0.5) throw new Error('three slopes are not what this probe expects');
const rising = seen([1, 2, 3, 10]);
const falling = seen([-1, -2, -3, -10]);
if (rising !== 1 || falling !== -3) {
  console.error('The behaviour has changed: mirrored points have a mirrored line.');
  process.exit(1);
}
console.log('Still so: the line of mirrored points is another one.');
EOF
node probe.cjs
