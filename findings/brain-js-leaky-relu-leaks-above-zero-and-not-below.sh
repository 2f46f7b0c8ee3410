#!/usr/bin/env bash
# The leaky rectifier of brain.js is 0 below zero and a hundredth above it.
#
# Package: brain.js 1.6.1, the latest release (said to be mended in betas of 2.0.0). Any Node from 20.
#
# Expected: leaky ReLU is x for positive numbers and leakyReluAlpha * x, 0.01 * x unless told otherwise, for negative ones (Maas et al. 2013).
# Seen: it is alpha * x for positive numbers and 0 for negative ones, in run() and in the function that toFunction() writes. relu and tanh are right,
# checked in the same network.
# Why it matters: every layer makes activations a hundred times smaller, so that signals and gradients vanish after two layers, and units that are
# negative are as dead as with relu, which is what people choose the leaky one against.
# Output seen: one unit with weight 1 in front of a unit with weight 1: -2 is 0 and 2 is 0.0002, defined are -0.0002 and 2; relu 0 and 2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund brain.js@1.6.1

cat > probe.cjs <<'EOF'
const brain = require('brain.js');

console.log('brain.js', require('brain.js/package.json').version);
const ALPHA = 0.01;
/** Two units in a row, both with weight 1 and bias 0, so that the output is the activation of the activation. */
const network = (activation) => {
  const options = { hiddenLayers: [1], activation, leakyReluAlpha: ALPHA };
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
const check = (activation, reference) => {
  const seen = [-2, 2].map((x) => network(activation).run([x])[0]);
  const wanted = [-2, 2].map(twice(reference));
  console.log(`${activation}: -2 is ${+seen[0].toFixed(6)} and 2 is ${+seen[1].toFixed(6)}; defined ${wanted.map((x) => +x.toFixed(6)).join(' and ')}`);
  return { seen, right: seen.every((x, i) => near(x, wanted[i])) };
};
const relu = check('relu', (x) => Math.max(0, x));
const tanh = check('tanh', Math.tanh);
if (!relu.right || !tanh.right) throw new Error('the other activations are not what this probe expects');
const leaky = check('leaky-relu', (x) => (x > 0 ? x : ALPHA * x));
const written = network('leaky-relu').toFunction()([2])[0];
if (!near(leaky.seen[0], 0) || !near(leaky.seen[1], 0.0002) || !near(written, 0.0002)) {
  console.error('The behaviour has changed: the leaky rectifier is another one.');
  process.exit(1);
}
console.log('Still so: it leaks above zero and not below.');
EOF
node probe.cjs
