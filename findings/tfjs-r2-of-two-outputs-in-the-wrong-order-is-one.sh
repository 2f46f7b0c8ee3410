#!/usr/bin/env bash
# In TensorFlow.js a model that predicts each of two outputs in the wrong order has the R2 score 0.99999.
#
# Package: @tensorflow/tfjs 4.22.0 (CPU back end). Any Node from 20.
#
# Expected: R2 is 0 for answering the mean of an output always, and negative for worse. For several outputs each is measured against its own mean, or the
# scores are averaged.
# Seen: all columns are measured against one mean over the whole tensor. Outputs 1, 2, 3 and 1001, 1002, 1003 differ so much from it that any error of a few
# units is nothing: predicted as 3, 2, 1 and 1003, 1002, 1001, which is an R2 of -3 for each, they have 0.99999. One output alone is right.
# Why it matters: regressors of several quantities (energy and time, boxes) in different units are the rule; the score says that they are perfect.
# Output seen: one column: means 0, reversed -3; two columns: means 0.999997, reversed 0.999989.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const tf = require('@tensorflow/tfjs');

(async () => {
  await tf.setBackend('cpu');
  console.log('@tensorflow/tfjs', JSON.parse(readFileSync('node_modules/@tensorflow/tfjs/package.json', 'utf8')).version);
  const score = (what, true_, predicted) => {
    const value = tf.metrics.r2Score(tf.tensor2d(true_), tf.tensor2d(predicted)).dataSync()[0];
    console.log(`${what}: R2 ${value.toFixed(6)}`);
    return value;
  };
  const one = score('one output, means', [[1], [2], [3]], [[2], [2], [2]]);
  const reversed = score('one output, reversed', [[1], [2], [3]], [[3], [2], [1]]);
  const two = [[1, 1001], [2, 1002], [3, 1003]];
  const means = score('two outputs, means', two, [[2, 1002], [2, 1002], [2, 1002]]);
  const both = score('two outputs, reversed', two, [[3, 1003], [2, 1002], [1, 1001]]);
  if (one !== 0 || Math.abs(reversed + 3) > 1e-5) throw new Error('one output is not what this probe expects');
  if (means < 0.9999 || both < 0.9999) {
    console.error('The behaviour has changed: each output is measured against its own mean.');
    process.exit(1);
  }
  console.log('Still so: two outputs in reverse are scored as perfect.');
})();
EOF
node probe.cjs
