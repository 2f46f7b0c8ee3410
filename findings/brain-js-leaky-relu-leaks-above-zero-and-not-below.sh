#!/usr/bin/env bash
# The leaky rectifier of brain.js is 0 below zero and a hundredth above it.
#
# Package: brain.js 1.6.1, the latest release (2.0.0 has been a beta since 2020, where this is mended). Any Node from 20.
#
# Expected: leaky ReLU is x for positive numbers and leakyReluAlpha * x, 0.01 * x unless told otherwise, for negative ones (Maas et al. 2013).
# Seen: it is alpha * x for positive numbers and 0 for negative ones, in run() and in the function that toFunction() writes. With alpha 1, where a leaky rectifier is the
# identity, it is the plain rectifier. relu, sigmoid and tanh are right.
# Why it matters: every layer makes activations a hundred times smaller, so that signals and gradients vanish after two layers, and units that are negative
# are as dead as with relu, which is what people choose the leaky one against.
# Output seen: one unit with weight 1 in front of a unit with weight 1: -2 is 0, 2 is 0.0002; with alpha 1 -2 is 0 and 2 is 2; relu 0 and 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund brain.js@1.6.1

cat > probe.cjs <<'EOF'
const brain = require('brain.js');

console.log('brain.js', require('brain.js/package.json').version);
/** Two units in a row, both with weight 1 and bias 0, so that the output is the activation of the activation. */
const network = (activation, leakyReluAlpha) => {
  const options = { hiddenLayers: [1], activation, leakyReluAlpha };
  const trained = new brain.NeuralNetwork(options);
  trained.train([{ input: [0], output: [0] }, { input: [1], output: [1] }], { iterations: 1 });
  const json = trained.toJSON();
  for (const layer of [1, 2]) json.layers[layer]['0'] = { bias: 0, weights: { 0: 1 } };
  const made = new brain.NeuralNetwork(options);
  made.fromJSON(json);
  return made;
};
const near = (a, b) => Math.abs(a - b) < 1e-6;
const twice = (f) => (x) => f(f(x));
const check = (activation, alpha, reference) => {
  const seen = [-2, 2].map((x) => network(activation, alpha).run([x])[0]);
  const wanted = [-2, 2].map(twice(reference));
  console.log(`${activation}, alpha ${alpha}: -2 is ${+seen[0].toFixed(6)} and 2 is ${+seen[1].toFixed(6)}; defined ${wanted.map((x) => +x.toFixed(6)).join(' and ')}`);
  return { seen, right: seen.every((x, i) => near(x, wanted[i])) };
};
const relu = check('relu', 0.01, (x) => Math.max(0, x));
const tanh = check('tanh', 0.01, Math.tanh);
if (!relu.right || !tanh.right) throw new Error('the other activations are not what this probe expects');
const leaky = check('leaky-relu', 0.01, (x) => (x > 0 ? x : 0.01 * x));
const identity = check('leaky-relu', 1, (x) => x);
const written = network('leaky-relu', 0.01).toFunction()([2])[0];
if (!near(leaky.seen[0], 0) || !near(leaky.seen[1], 0.0002) || !near(identity.seen[0], 0) || !near(identity.seen[1], 2) || !near(written, 0.0002)) {
  console.error('The behaviour has changed: the leaky rectifier is another one.');
  process.exit(1);
}
console.log('Still so: it leaks above zero and not below.');
EOF
node probe.cjs
