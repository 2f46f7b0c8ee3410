#!/usr/bin/env bash
# The tanh layer of ConvNetJS answers NaN from 355 on, and 1 up to 354.
#
# Package: convnetjs 0.3.0. Any Node from 20.
#
# Expected: tanh of anything large is 1 (Math.tanh(400) is), as the layer's own answer for -400 is -1.
# Seen: tanh is computed as (exp(2x) - 1) / (exp(2x) + 1), which is infinity by infinity as soon as exp(2x) is above 1.8e308: x above 354.89. One such
# number makes everything behind it NaN, and one step of training makes all weights NaN.
# Why it matters: pixels of 0 to 255 times a few weights reach 355 with ease; whether a network survives depends on the sign of its weights. It looks
# like a diverged training and is a formula.
# Output seen: -400 is -1, 354 is 1, 355 is NaN; the output of a network behind it NaN; NaN weights after one step.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund convnetjs@0.3.0

cat > probe.cjs <<'EOF'
const convnet = require('convnetjs');

console.log('convnetjs', require('convnetjs/package.json').version);
const INPUT = [-400, -1, 354, 355, 400];
const layer = new convnet.TanhLayer({ in_sx: 1, in_sy: 1, in_depth: INPUT.length });
const volume = new convnet.Vol(1, 1, INPUT.length, 0);
INPUT.forEach((value, i) => { volume.w[i] = value; });
const seen = [...layer.forward(volume, false).w];
INPUT.forEach((value, i) => console.log(`tanh of ${value}: ${seen[i]}, Math.tanh ${Math.tanh(value)}`));
if (![0, 1, 2].every((i) => Math.abs(seen[i] - Math.tanh(INPUT[i])) < 1e-12)) throw new Error('small numbers are not what this probe expects');

const net = new convnet.Net();
net.makeLayers([
  { type: 'input', out_sx: 1, out_sy: 1, out_depth: 1 },
  { type: 'fc', num_neurons: 1, activation: 'tanh' },
  { type: 'regression', num_neurons: 1 },
]);
net.layers[1].filters[0].w[0] = 2;
const pixel = new convnet.Vol(1, 1, 1, 200);
const output = net.forward(pixel).w[0];
const trainer = new convnet.SGDTrainer(net, { learning_rate: 0.01, momentum: 0, batch_size: 1 });
trainer.train(pixel, [1]);
const weight = net.layers[1].filters[0].w[0];
console.log(`a pixel of 200 with the weight 2: ${output}; the weight after one step: ${weight}`);
if (!Number.isNaN(seen[3]) || !Number.isNaN(seen[4]) || !Number.isNaN(output) || !Number.isNaN(weight)) {
  console.error('The behaviour has changed: tanh of a large number is one.');
  process.exit(1);
}
console.log('Still so: tanh of 355 is not a number.');
EOF
node probe.cjs
