#!/usr/bin/env bash
# TensorFlow.js' heNormal draws weights with a variance of 1.55 / fanIn, and heUniform with 2 / fanIn.
#
# Package: @tensorflow/tfjs 4.22.0 (CPU back end). Any Node from 20.
#
# Expected: both keep the variance of activations with 2 / fanIn; heNormal documents "stddev = sqrt(2 / fanIn)". Keras divides the deviation by 0.8796,
# which is what a normal distribution keeps of it when it is cut off at two deviations.
# Seen: the distribution is cut off and not widened. The variance of heNormal, leCunNormal, glorotNormal and varianceScaling with 'normal' is 0.774 of
# that of their uniform twins.
# Why it matters: the same network is started 12 % smaller in each layer than in Keras: after ten layers activations, and the bits they need, are at a
# quarter of what they would be.
# Output seen: fanIn 1000: heNormal 0.00155, heUniform 0.00200; leCunNormal 0.00077, leCunUniform 0.00100.
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
  const inputs = 1000;
  const variance = (name) => {
    const value = tf.moments(tf.initializers[name]({ seed: 1 }).apply([inputs, 300])).variance.dataSync()[0];
    console.log(`${name}: variance ${value.toFixed(6)} = ${(value * inputs).toFixed(3)} / ${inputs}`);
    return value * inputs;
  };
  const [heUniform, leCunUniform] = ['heUniform', 'leCunUniform'].map(variance);
  const [heNormal, leCunNormal] = ['heNormal', 'leCunNormal'].map(variance);
  if (Math.abs(heUniform - 2) > 0.03 || Math.abs(leCunUniform - 1) > 0.03) throw new Error('uniform weights are not what this probe expects');
  if (Math.abs(heNormal - 1.55) > 0.03 || Math.abs(leCunNormal - 0.775) > 0.03) {
    console.error('The behaviour has changed: normal weights have the variance of uniform ones.');
    process.exit(1);
  }
  console.log('Still so: normal weights have 0.77 of the variance of uniform ones.');
})();
EOF
node probe.cjs
