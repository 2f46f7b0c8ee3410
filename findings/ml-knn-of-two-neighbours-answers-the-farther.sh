#!/usr/bin/env bash
# With two neighbours ml-knn always answers the class of the second nearest, and it gives ties to the farthest in general.
#
# Package: ml-knn 3.0.0. Any Node from 20.
#
# Expected: where the neighbours disagree, a tie, the nearest decides, or the first class; with two of them the answer is that of one neighbour.
# Seen: of samples a at 0 and b at 1 the point 0.1 is called b and 0.9 a, and so are the samples themselves. The neighbours come in the order of a
# heap, the farthest first, and the first class to reach the largest count wins. With one and three neighbours answers are right.
# Why it matters: a classifier on the features of a network, tested with k = 1, 2, 3, 4, is suddenly worse at even numbers than chance would make it
# on the border of two classes, and its training data are no longer recognised.
# Output seen: k 1 a,a,b,b; k 2 b,b,a,a for the points 0, 0.1, 0.9 and 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-knn@3.0.0

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const KNN = require('ml-knn');

console.log('ml-knn', JSON.parse(readFileSync('node_modules/ml-knn/package.json', 'utf8')).version);
const points = [[0], [0.1], [0.9], [1]];
const answers = (samples, labels, k) => {
  const values = new KNN(samples, labels, { k }).predict(points).join();
  console.log(`${labels.join()} at ${samples.join()}, ${k} neighbours: ${points.join()} are ${values}`);
  return values;
};
const one = answers([[0], [1]], ['a', 'b'], 1);
const two = answers([[0], [1]], ['a', 'b'], 2);
const three = answers([[-1], [0], [1], [2]], ['a', 'a', 'b', 'b'], 3);
if (one !== 'a,a,b,b' || three !== 'a,a,b,b') throw new Error('one or three neighbours do not answer as this probe expects');
if (two !== 'b,b,a,a') {
  console.error('The behaviour has changed: of two neighbours the nearer is answered.');
  process.exit(1);
}
console.log('Still so: of two neighbours the farther is answered.');
EOF
node probe.cjs
