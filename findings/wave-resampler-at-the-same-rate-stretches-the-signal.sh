#!/usr/bin/env bash
# wave-resampler stretches a signal that is resampled from 8000 to 8000 Hz: 0, 1, 2, ... becomes 0, 0.9, 1.8, ...
#
# Package: wave-resampler 1.0.0. Any Node from 20.
#
# Expected: sample i of the new rate is the signal at the time i / rate. At the same rate nothing changes, and at twice the rate every other sample
# is an old one.
# Seen: positions are scaled by (old length - 1) / new length. Ten samples are spread over their first nine tenths, so that every position is wrong
# by a share that depends on the length, and the last sample is never reached. "point" repeats one and drops the last. Without a low-pass filter, so
# that only the positions are seen.
# Why it matters: a stream that is resampled in blocks of 128 loses a sample of each and shifts all others, a click per block and a pitch 0.8 % too
# low; labels and windows cut by time no longer match.
# Output seen: 0 to 9 at the same rate: linear 0, 0.9, 1.8, ... 8.1, point 0, 1, 2, 3, 4, 5, 5, 6, 7, 8; 0 to 4 at twice the rate: 0, 0.4, 0.8, ...
# 3.6.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund wave-resampler@1.0.0

cat > probe.cjs <<'EOF'
const { resample } = require('wave-resampler');

console.log('wave-resampler', require('wave-resampler/package.json').version);
const ramp = (length) => Array.from({ length }, (_, index) => index);
const at = (length, rate, method) => {
  const seen = [...resample(ramp(length), 8000, rate, { method, LPF: false })].map((sample) => +sample.toFixed(3));
  console.log(`0 to ${length - 1} from 8000 to ${rate} Hz, ${method}: ${seen.join(', ')}`);
  return seen;
};
const linear = at(10, 8000, 'linear');
const point = at(10, 8000, 'point');
const twice = at(5, 16000, 'linear');
if (linear.length !== 10 || twice.length !== 10 || linear[0] !== 0) throw new Error('the lengths are not what this probe expects');
if (linear[1] !== 0.9 || linear[9] !== 8.1 || point.join() !== '0,1,2,3,4,5,5,6,7,8' || twice[2] !== 0.8) {
  console.error('The behaviour has changed: the samples are others.');
  process.exit(1);
}
console.log('Still so: the same rate stretches the signal.');
EOF
node probe.cjs
