#!/usr/bin/env bash
# Logistic regression of ml-logistic-regression puts 1, 2, 3 and 9, 10, 11 into one class, and separates them once 6 is subtracted.
#
# Package: ml-logistic-regression 2.0.0 (with ml-matrix 6.15.1). Any Node from 20.
#
# Expected: logistic regression learns a threshold as well as a slope: two groups with a gap between them are separated wherever the gap lies.
# Seen: there is no intercept, no option for one, and the README does not say so. All positive numbers are of one class, however long it
# is trained, and all negative ones of the other. With a column of ones as a second feature, which is how one is added by hand, all are right.
# Why it matters: activations after ReLU, pixels and bit counts are positive. The classifier answers one class for all of them, which looks like a
# feature without information.
# Output seen: as they are 1, 1, 1, 1, 1, 1; minus six 0, 0, 0, 1, 1, 1; with a column of ones 0, 0, 0, 1, 1, 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-logistic-regression@2.0.0 ml-matrix@6.15.1

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import LogisticRegression from 'ml-logistic-regression';
import { Matrix } from 'ml-matrix';

console.log('ml-logistic-regression', JSON.parse(readFileSync('node_modules/ml-logistic-regression/package.json', 'utf8')).version);
const learn = (what, row) => {
  const rows = new Matrix([1, 2, 3, 9, 10, 11].map(row));
  const model = new LogisticRegression({ numSteps: 5000, learningRate: 5e-3 });
  model.train(rows, Matrix.columnVector([0, 0, 0, 1, 1, 1]));
  const classes = model.predict(rows).join(', ');
  console.log(`${what}: ${classes}`);
  return classes;
};
const plain = learn('as they are', (value) => [value]);
const centred = learn('minus six', (value) => [value - 6]);
const ones = learn('with a column of ones', (value) => [value, 1]);
if (centred !== '0, 0, 0, 1, 1, 1' || ones !== centred) throw new Error('the other classes are not what this probe expects');
if (plain !== '1, 1, 1, 1, 1, 1') {
  console.error('The behaviour has changed: there is an intercept.');
  process.exit(1);
}
console.log('Still so: the threshold is always 0.');
EOF
node probe.mjs
