#!/usr/bin/env bash
# ztable answers 0.8729 for a z-score of 1.15, which is that of 1.14, and 35 more of its 699 entries are their neighbours.
#
# Package: ztable 1.0.7. Any Node from 20.
#
# Expected: the standard normal distribution has P(z < 1.15) = 0.8749, to four digits as in the printed table.
# Seen: the z-score is cut to two decimals by floor(100 z) / 100, and 100 x 1.15 is 114.99999999999999. So it is for 0.29, 0.57, 0.58, 1.13 to 1.16, 2.01
# to 2.07 and others, and for their negatives; all other two-digit scores are right to the fourth digit.
# Why it matters: a z-score of two digits is the only kind that the table is for. The error, 0.002, is larger than that of leaving out the third digit.
# Output seen: 36 of 699 are off by more than 0.0001, up to 0.0038: 1.15 0.8729 (0.8749), 0.29 0.6103 (0.6141), -0.29 0.3897 (0.3859).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ztable@1.0.7

cat > probe.cjs <<'EOF'
const ztable = require('ztable');

console.log('ztable', require('ztable/package.json').version);
/** The normal distribution as the series 1/2 + density x (z + z^3/3 + z^5/15 + ...). */
const normal = (z) => {
  let term = z;
  let sum = z;
  for (let k = 1; k < 100; k++) {
    term *= (z * z) / (2 * k + 1);
    sum += term;
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
};
const wrong = [];
for (let i = -349; i <= 349; i++) if (!(Math.abs(ztable(i / 100) - normal(i / 100)) < 0.00011)) wrong.push(i / 100);
console.log(`${wrong.length} of 699 are off: ${wrong.filter((z) => z > 0).join(', ')} and their negatives`);
for (const z of [0.29, -0.29, 1.15, 1.14, 1.17]) console.log(`${z}: ${ztable(z)} (right: ${normal(z).toFixed(4)})`);
if (ztable(1.17) !== 0.879 || ztable(1) !== 0.8413 || ztable(-2.5) !== 0.0062) throw new Error('other entries are not what this probe expects');
if (ztable(1.15) !== 0.8729 || wrong.length < 30) {
  console.error('The behaviour has changed: 1.15 has its own entry.');
  process.exit(1);
}
console.log('Still so: 1.15 is looked up as 1.14.');
EOF
node probe.cjs
