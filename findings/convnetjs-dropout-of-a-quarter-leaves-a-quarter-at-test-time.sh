#!/usr/bin/env bash
# The dropout layer of ConvNetJS drops a quarter in training, and multiplies by a quarter instead of three quarters at test time.
#
# Package: convnetjs 0.3.0. Any Node from 20.
#
# Expected: dropout keeps what a later layer sees on average: what is not dropped in training with probability p is multiplied by 1 - p at test time
# (Srivastava et al. 2014, section 4; inverted dropout does it the other way round). Its mean is 1 - p either way.
# Seen: drop_prob 0.25 leaves 75 % of ones in training and makes every one 0.25 at test time; drop_prob 0.9 leaves 10 % and makes 0.9. Only 0.5, the
# default, is right.
# Why it matters: the network that is tested is another one than the network that was trained, by a factor of 3 or 9 behind every such layer, and any
# other rate than 0.5 seems not to work.
# Output seen: drop_prob 0.25: 0.75 on average in training, 0.25 in testing; 0.5: 0.5 and 0.5; 0.9: 0.10 and 0.9.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund convnetjs@0.3.0

cat > probe.cjs <<'EOF'
const convnet = require('convnetjs');

const WIDTH = 100000;
const mean = (volume) => volume.w.reduce((sum, value) => sum + value, 0) / WIDTH;
const both = (drop_prob) => {
  const layer = new convnet.DropoutLayer({ in_sx: 1, in_sy: 1, in_depth: WIDTH, drop_prob });
  const ones = () => new convnet.Vol(1, 1, WIDTH, 1);
  const seen = { training: mean(layer.forward(ones(), true)), testing: mean(layer.forward(ones(), false)) };
  console.log(`drop_prob ${drop_prob}: ones are ${seen.training.toFixed(3)} on average in training and ${seen.testing.toFixed(3)} in testing`);
  return seen;
};

console.log('convnetjs', require('convnetjs/package.json').version);
let still = true;
for (const dropped of [0.25, 0.5, 0.9]) {
  const { training, testing } = both(dropped);
  if (Math.abs(training - (1 - dropped)) > 0.01) throw new Error('training is not what this probe expects');
  still = still && Math.abs(testing - dropped) < 1e-9;
}
if (!still) {
  console.error('The behaviour has changed: testing is scaled otherwise.');
  process.exit(1);
}
console.log('Still so: at test time ones are what was dropped, not what was kept.');
EOF
node probe.cjs
