#!/usr/bin/env bash
# The accuracy of a perfect classifier is 3 in ml-performance, and its error rate is 3 where it should be a half.
#
# Package: ml-performance 0.2.0 (ROC curves of mljs). Any Node from 20.
#
# Expected: accuracy is the share of samples judged rightly, the error rate is the rest, and both lie between 0 and 1.
# Seen: the right judgements are divided by the number of thresholds, which is the number of *different* scores. Six samples with two scores, told apart
# without a mistake, have an accuracy of 3. In the error rate only the false positives are divided, the false negatives are added as a count: with no
# sample called positive, three of six wrong, it is 3. With six different scores the accuracy is right, and the error rate still is not. The rates of
# true and false positives and the area under the curve are right in both cases.
# Why it matters: scores of a quantised network have few values, so ties are the rule; with four bits the accuracy can be dozens of times too large.
# Output seen: two scores: accuracy 1.5,3,1.5, error 3,0,1.5, area 1; six scores: accuracy 0.5 to 1, error 3 to 0 to 0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-performance@0.2.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const Performance = require('ml-performance');

console.log('ml-performance', JSON.parse(readFileSync('node_modules/ml-performance/package.json', 'utf8')).version);
const truth = [[1, 1, 1, 0, 0, 0]];
const judge = (scores) => {
  const performance = new Performance([scores], truth, { all: true, max: true });
  const accuracy = performance.getMeasure('acc');
  const error = performance.getMeasure('err');
  console.log(`scores ${scores.join()}: accuracy ${accuracy.map((x) => +x.toFixed(3)).join()}`);
  console.log(`  error rate ${error.map((x) => +x.toFixed(3)).join()}, area under the curve ${performance.getAURC()}`);
  return { best: Math.max(...accuracy), error, area: performance.getAURC() };
};
const tied = judge([0.9, 0.9, 0.9, 0.1, 0.1, 0.1]);
const distinct = judge([0.9, 0.8, 0.7, 0.4, 0.3, 0.1]);
if (tied.area !== 1 || distinct.area !== 1 || distinct.best !== 1) throw new Error('the curve is not what this probe expects');
if (tied.best !== 3 || tied.error[0] !== 3 || distinct.error[0] !== 3) {
  console.error('The behaviour has changed: accuracy and error rate are shares of the samples.');
  process.exit(1);
}
console.log('Still so: an accuracy of 3, and an error rate of 3.');
EOF
node probe.cjs
