#!/usr/bin/env bash
# The derivative of softsign in neataptic is negative for negative numbers and 0 at 0, where softsign is steepest.
#
# Package: neataptic 1.4.7. Any Node from 20.
#
# Expected: the derivative of x / (1 + |x|) is 1 / (1 + |x|)^2: 0.444 at 0.5 and at -0.5, 1 at 0. With a second argument, true, the activations answer
# their derivative.
# Seen: it is x / (1 + |x|)^2: 0.222 at 0.5, -0.222 at -0.5 and 0 at 0. The values of softsign are right, and so are the derivatives of the other
# smooth activations (TANH, SINUSOID, GAUSSIAN, BENT_IDENTITY, BIPOLAR_SIGMOID and SELU are checked here).
# Why it matters: a network with softsign is trained uphill where a neuron is below zero and not at all at zero. It learns something from the neurons
# that are above, so that it looks like a weak activation and no error.
# Output seen: softsign at -0.5, 0, 0.5: -0.222, 0, 0.222; central differences: 0.444, 1, 0.444.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund neataptic@1.4.7

cat > probe.cjs <<'EOF'
const { methods } = require('neataptic');

console.log('neataptic', require('neataptic/package.json').version);
const POINTS = [-2, -0.5, 0.001, 0.5, 2];
const STEP = 1e-6;
const slope = (activation, x) => (activation(x + STEP) - activation(x - STEP)) / (2 * STEP);
const worst = (name) => {
  const activation = methods.activation[name];
  return Math.max(...POINTS.map((x) => Math.abs(activation(x, true) - slope(activation, x))));
};
for (const name of ['TANH', 'SINUSOID', 'GAUSSIAN', 'BENT_IDENTITY', 'BIPOLAR_SIGMOID', 'SELU']) {
  console.log(`${name}: at most ${worst(name).toExponential(1)} from central differences`);
  if (worst(name) > 1e-6) throw new Error(`${name} is not what this probe expects`);
}
const softsign = methods.activation.SOFTSIGN;
for (const x of [-0.5, 0, 0.5]) {
  console.log(`SOFTSIGN at ${x}: value ${softsign(x).toFixed(3)}, derivative ${softsign(x, true).toFixed(3)}, central difference ${slope(softsign, x).toFixed(3)}`);
  if (Math.abs(slope(softsign, x) - 1 / (1 + Math.abs(x)) ** 2) > 1e-5) throw new Error('softsign itself is not what this probe expects');
}
const wrong = POINTS.every((x) => Math.abs(softsign(x, true) - x / (1 + Math.abs(x)) ** 2) < 1e-12);
if (!wrong || softsign(0, true) !== 0) {
  console.error('The behaviour has changed: softsign has another derivative.');
  process.exit(1);
}
console.log('Still so: the slope of softsign is multiplied by its argument.');
EOF
node probe.cjs
