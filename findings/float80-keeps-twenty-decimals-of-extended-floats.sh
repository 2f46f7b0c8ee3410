#!/usr/bin/env bash
# float80 reads extended floats to twenty decimals behind the point: 2^-60 has two digits left, and 2^-70 and all below it is 0.
#
# Package: float80 1.1.0. Any Node from 20.
#
# Expected: a number of 80 bits has 64 bits of significand at every size, 19 digits; it is read into a BigNumber "exposed by the asNumber function"
# (README), which could hold them all.
# Seen: the power of two is computed as new BigNumber(2).pow(-n), which bignumber.js rounds to 20 decimal places, its default for a division. 2^-30
# comes back as 9.3132257462e-10 (true: 9.31322574615...e-10), 2^-60 as 8.7e-19 (8.67361...e-19), 2^-70 as 0. Large numbers are exact.
# Why it matters: long doubles are kept for the sake of their precision: sums, variances and probabilities of scientific programs. Small ones lose
# it, and tiny ones vanish without a word.
# Output seen: 1 is 1, 2^60 exact, 2^-30 9.3132257462e-10, 2^-60 8.7e-19, 2^-70 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund float80@1.1.0

cat > probe.cjs <<'EOF'
const { Float80 } = require('float80');

console.log('float80', require('float80/package.json').version);
const powerOfTwo = (exponent) => {
  const biased = exponent + 16383;
  return Float80.fromBytes([biased >> 8, biased & 255, 128, 0, 0, 0, 0, 0, 0, 0]).asNumber().toString();
};
const seen = [0, 60, -30, -60, -70].map((exponent) => {
  const read = powerOfTwo(exponent);
  console.log(`2^${exponent}: ${read}, as a double ${2 ** exponent}`);
  return read;
});
if (seen[0] !== '1' || seen[1] !== '1152921504606846976') throw new Error('1 and 2^60 are not what this probe expects');
if (seen[2] !== '9.3132257462e-10' || seen[3] !== '8.7e-19' || seen[4] !== '0') {
  console.error('The behaviour has changed: small numbers keep other digits.');
  process.exit(1);
}
console.log('Still so: small numbers lose their digits, and tiny ones are 0.');
EOF
node probe.cjs
