#!/usr/bin/env bash
# Average pooling with padding "same" leaves ones at 1 in TensorFlow.js; with a dilation it makes the corner 0.25.
#
# Package: @tensorflow/tfjs 4.22.0 (CPU back end). Any Node from 20.
#
# Expected: the mean, or the maximum, of what lies inside the map, as the same function has it without dilation.
# Seen: tf.pool pads with zeros, splits the map into interleaved ones and pools those without padding, so that the zeros are values: a 5 x 5 map of ones is
# 0.5 at its edges and 0.25 in its corners, and a maximum over a map of -1 is 0 along its border. Without dilation they are 1 and -1.
# Why it matters: segmentation networks with dilated pooling fade towards the border of their maps, and the regions there look unimportant.
# Output seen: avg, dilation 1: 1 everywhere; dilation 2: 0.25 0.5 0.5 0.5 0.25 in the first row; max of -1: 0 in the first row.
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
  const row = (what, level, kind, dilation) => {
    const values = tf.pool(tf.fill([1, 5, 5, 1], level), [2, 2], kind, 'same', [dilation, dilation], [1, 1]).dataSync();
    const first = [...values.slice(0, 5)];
    console.log(`${what}, dilation ${dilation}: first row ${first.join(' ')}, middle ${values[12]}`);
    return first.join();
  };
  const plain = row('average of ones', 1, 'avg', 1);
  const dilated = row('average of ones', 1, 'avg', 2);
  const largest = row('maximum of -1', -1, 'max', 1);
  const dilatedLargest = row('maximum of -1', -1, 'max', 2);
  if (plain !== '1,1,1,1,1' || largest !== '-1,-1,-1,-1,-1') throw new Error('pooling without dilation is not what this probe expects');
  if (dilated !== '0.25,0.5,0.5,0.5,0.25' || dilatedLargest === largest) {
    console.error('The behaviour has changed: padding is no value.');
    process.exit(1);
  }
  console.log('Still so: with dilation the padding is averaged.');
})();
EOF
node probe.cjs
