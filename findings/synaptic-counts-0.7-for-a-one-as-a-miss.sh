#!/usr/bin/env bash
# The binary cost of synaptic counts an output of 0.7 as a miss where 1 is asked for, and 0.3 where 0 is.
#
# Package: synaptic 1.1.4. Any Node from 20.
#
# Expected: Trainer.cost.BINARY counts wrong answers of two classes: an output nearer to 0 than to 1 where 1 is asked for, and the other way round.
# Seen: outputs are doubled before they are rounded, so that there are three classes: below 0.25, from 0.25 to 0.75 and above. All that is in the
# middle is a miss, whichever class was asked for.
# Why it matters: a classifier without a single wrong answer has an error rate of 50 % or 100 %, and trains on until its outputs are extreme; error
# rates cannot be compared with those of other libraries.
# Output seen: of the outputs 0.8, 0.7, 0.6, 0.4 for 1 three are misses, of 0.2, 0.3, 0.4, 0.6 for 0 three; rounded, one and one.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund synaptic@1.1.4

cat > probe.cjs <<'EOF'
const { Trainer } = require('synaptic');

console.log('synaptic', require('synaptic/package.json').version);
const count = (target, outputs) => {
  const seen = Trainer.cost.BINARY(outputs.map(() => target), outputs);
  const rounded = outputs.filter((output) => Math.round(output) !== target).length;
  console.log(`${outputs} for ${target}: ${seen} misses, ${rounded} when rounded`);
  return { seen, rounded };
};
const one = count(1, [0.8, 0.7, 0.6, 0.4]);
const zero = count(0, [0.2, 0.3, 0.4, 0.6]);
const sure = count(1, [0.99, 0.9, 0.1, 0.01]);
if (sure.seen !== 2 || one.rounded !== 1 || zero.rounded !== 1) throw new Error('sure answers are not what this probe expects');
if (one.seen !== 3 || zero.seen !== 3) {
  console.error('The behaviour has changed: answers on the right side are no misses.');
  process.exit(1);
}
console.log('Still so: right answers between 0.25 and 0.75 are misses.');
EOF
node probe.cjs
