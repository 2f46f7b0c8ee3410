#!/usr/bin/env bash
# jStat's median of the Pareto distribution grows with the shape; its own quantile function at one half shrinks, as the median does.
#
# Package: jstat 1.9.6. Any Node from 20.
#
# Expected: half of the distribution lies below scale * 2^(1/shape): 2, 1.414 and 1.072 for the shapes 1, 2 and 10 at scale 1.
# Seen: pareto.median gives 1.414, 2.828 and 14.142, which is scale * shape * sqrt(2): the root of degree `shape` was taken for a product. For
# shapes from 2 on it lies above the mean, and for shape 10 99.9999999997 % of the distribution lies below. pareto.inv(0.5, ...) is right.
# Why it matters: heavy tails of activations and of latencies are described by this distribution, and the median stands for the typical one.
# Output seen: shape 1: 1.414 (2), shape 2: 2.828 (1.414), shape 10: 14.142 (1.072).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jstat@1.9.6

cat > probe.cjs <<'EOF'
const { jStat } = require('jstat');

console.log('jstat', require('jstat/package.json').version);
const wrong = [1, 2, 10].map((shape) => {
  const median = jStat.pareto.median(1, shape);
  const quantile = jStat.pareto.inv(0.5, 1, shape);
  const below = jStat.pareto.cdf(median, 1, shape);
  console.log(`shape ${shape}: median ${median.toFixed(3)}, below which ${100 * below} % lie; quantile at one half ${quantile.toFixed(3)}`);
  if (Math.abs(quantile - 2 ** (1 / shape)) > 1e-9) throw new Error('the quantile function is wrong too');
  return Math.abs(median - shape * Math.SQRT2) < 1e-9;
});
if (!wrong.every(Boolean)) {
  console.error('The behaviour has changed: the median is no longer shape times the root of two.');
  process.exit(1);
}
console.log('Still so: the median is scale * shape * sqrt(2) instead of scale * 2^(1/shape).');
EOF
node probe.cjs
