#!/usr/bin/env bash
# With a number as padding TensorFlow.js sizes the output by the kernel's height alone, and fills up the surplus with -Infinity or NaN.
#
# Package: @tensorflow/tfjs 4.22.0, its plain JavaScript back end. Any Node from 20.
#
# Expected: padding 0 and 'valid' are the same thing, for pooling and for convolutions, whatever the shape of the window.
# Seen: windows of 1 x 2 with stride 1 x 2 over a row of five: 'valid' gives two values, padding 0 gives five: the last ones are
# -Infinity for max pooling and NaN for average pooling. A 1 x 3 convolution gets five outputs instead of three, the last two as if zeros
# were beside the row. A 3 x 1 kernel over 3 x 3 loses two of its three columns. Both extents of the output are computed from the height of
# window and stride. [[0, 0], [0, 0], [0, 0], [0, 0]] as padding is right.
# Why it matters: separable and strip-shaped kernels are common (Inception's 1 x 7), and a converter that writes padding as a number works
# on every square layer.
# Output seen: max pooling valid 2,4; 0: 2,4,5,-Infinity,-Infinity; average 0: 1.5,3.5,5,NaN,NaN; convolution 0: 6,9,12,9,5; tall 0: 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @tensorflow/tfjs@4.22.0

cat > probe.cjs <<'EOF'
console.info = console.warn = () => {}; // the library greets whoever loads it in Node
const tf = require('@tensorflow/tfjs');
tf.setBackend('cpu');

const row = tf.tensor([1, 2, 3, 4, 5], [1, 1, 5, 1]);
const none = [[0, 0], [0, 0], [0, 0], [0, 0]];
const numbers = (tensor) => [...tensor.dataSync()].join(',');
const maxPool = (padding) => numbers(tf.maxPool(row, [1, 2], [1, 2], padding));
const avgPool = (padding) => numbers(tf.avgPool(row, [1, 2], [1, 2], padding));
const wide = (padding) => numbers(tf.conv2d(row, tf.ones([1, 3, 1, 1]), 1, padding));
const tall = (padding) => numbers(tf.conv2d(tf.ones([1, 3, 3, 1]), tf.ones([3, 1, 1, 1]), 1, padding));

console.log('@tensorflow/tfjs', tf.version.tfjs);
const kinds = { 'max pooling 1 x 2': maxPool, 'average pooling 1 x 2': avgPool, 'convolution 1 x 3': wide, 'convolution 3 x 1': tall };
const seen = Object.entries(kinds).map(([name, run]) => {
  console.log(`${name}: valid ${run('valid')} | padding 0 ${run(0)} | four pairs of 0 ${run(none)}`);
  return [run('valid'), run(0), run(none)];
});
if (seen.some(([valid, , pairs]) => valid !== pairs)) throw new Error("'valid' and explicit zeros differ");
const known = ['2,4,5,-Infinity,-Infinity', '1.5,3.5,5,NaN,NaN', '6,9,12,9,5', '3'];
if (seen.some(([, zero], i) => zero !== known[i])) {
  console.error('The behaviour has changed: padding 0 no longer takes the kernel for square.');
  process.exit(1);
}
console.log("Still so: padding 0 and 'valid' differ for every kernel that is not square.");
EOF
node probe.cjs
