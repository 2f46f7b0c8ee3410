#!/usr/bin/env bash
# A box plot by @sgratzl/boxplots has no outliers when the numbers are small: 30 among 1 to 9 is one, 0.003 among 0.0001 to 0.0009 is none.
#
# Package: @sgratzl/boxplots 2.0.0 (it also draws the boxes of chartjs-chart-boxplot). Any Node from 20.
#
# Expected: a box plot does not depend on the unit: whiskers and outliers of numbers times 0.0001 are 0.0001 times those of the numbers.
# Seen: two numbers are taken for equal when they differ by less than `eps`, 0.01 in the unit of the data. The largest number is "equal" to the fence at
# 1.5 times the interquartile range, so the upper whisker ends at the largest number, an outlier by three times the whole rest. The lower whisker and the
# quartiles are right. With eps 0 the outlier is back.
# Why it matters: losses, quantisation errors, differences between networks are of this size. Their box plots show no outliers however wild they are, and
# the axis says nothing of it.
# Output seen: times 1: outliers 30, whisker 9; times 0.0001: no outliers, whisker 30; with eps 0: outlier 30.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @sgratzl/boxplots@2.0.0

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import boxplot from '@sgratzl/boxplots';

console.log('@sgratzl/boxplots', JSON.parse(readFileSync('node_modules/@sgratzl/boxplots/package.json', 'utf8')).version);
const numbers = [1, 2, 3, 4, 5, 6, 7, 8, 9, 30];
const draw = (unit, options) => {
  const box = boxplot(Float64Array.from(numbers, (x) => x * unit), options);
  const back = (x) => +(x / unit).toFixed(6);
  const seen = `outliers [${box.outlier.map(back).join()}], upper whisker ${back(box.whiskerHigh)}, third quartile ${back(box.q3)}`;
  console.log(`times ${unit}${options ? ', eps 0' : ''}: ${seen}`);
  return seen;
};
const large = draw(1);
const small = draw(0.0001);
const exact = draw(0.0001, { eps: 0 });
if (large !== 'outliers [30], upper whisker 9, third quartile 7.75' || exact !== large) throw new Error('the box is not what this probe expects');
if (small !== 'outliers [], upper whisker 30, third quartile 7.75') {
  console.error('The behaviour has changed: small numbers have outliers too.');
  process.exit(1);
}
console.log('Still so: the outlier is gone when the unit is small.');
EOF
node probe.js
