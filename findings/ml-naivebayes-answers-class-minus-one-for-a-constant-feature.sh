#!/usr/bin/env bash
# Gaussian naive Bayes of ml-naivebayes answers class -1, which does not exist, as soon as one feature is the same for all samples.
#
# Package: ml-naivebayes 4.0.0. Any Node from 20.
#
# Expected: a feature that never varies says nothing about the class, and the other features decide.
# Seen: its deviation of 0 makes every class's probability NaN, none exceeds the first maximum, and every sample is of class -1, those of the training
# too, without an error. The same classes with a second feature that varies are told apart. Samples far from all classes, whose densities underflow, are -1 too.
# Why it matters: border pixels of digits, channels that are always zero after ReLU and one-hot columns never vary. All answers are then -1, and the
# accuracy is 0.
# Output seen: with a second feature of 0: -1, -1, -1, -1, -1, -1; with one that varies: 0, 0, 0, 1, 1, 1; far away -1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-naivebayes@4.0.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { GaussianNB } from 'ml-naivebayes';

console.log('ml-naivebayes', JSON.parse(readFileSync('node_modules/ml-naivebayes/package.json', 'utf8')).version);
const learn = (what, second, samples) => {
  const rows = [1, 2, 3, 10, 11, 12].map((value, i) => [value, second[i]]);
  const model = new GaussianNB();
  model.train(rows, [0, 0, 0, 1, 1, 1]);
  const classes = model.predict(samples ?? rows).join(', ');
  console.log(`${what}: ${classes}`);
  return classes;
};
const varying = learn('the second feature varies', [0, 1, 2, 0, 1, 2]);
const constant = learn('the second feature is 0', [0, 0, 0, 0, 0, 0]);
const far = learn('far away', [0, 1, 2, 0, 1, 2], [[1000, 1]]);
if (varying !== '0, 0, 0, 1, 1, 1') throw new Error('the classes are not what this probe expects');
if (constant !== '-1, -1, -1, -1, -1, -1' || far !== '-1') {
  console.error('The behaviour has changed: every answer is one of the classes.');
  process.exit(1);
}
console.log('Still so: a constant feature makes every answer -1.');
EOF
node probe.mjs
