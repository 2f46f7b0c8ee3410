#!/usr/bin/env bash
# fractional writes -1.5 as "-1 1/2" and reads "-1 1/2" as -0.5.
#
# Package: fractional 1.0.0. Any Node from 20.
#
# Expected: a mixed number has one sign, for all of it; the package writes -1.5 that way itself, and reads "1 1/2" as 1.5.
# Seen: the whole part and the fraction are added with their own signs: -1 + 1/2. Every negative mixed number comes back nearer to zero by twice its
# fraction; -2.99 comes back as -1.01. Fractions without a whole part, and positive ones, are right.
# Why it matters: ratios and scales that are stored as text come back as others, and only the negative ones, so that a mean of residuals is biased.
# Output seen: -1.5 is written "-1 1/2", which is read as -0.5; "-2 3/4" as -1.25; "1 1/2" as 1.5; "-1/2" as -0.5.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fractional@1.0.0

cat > probe.cjs <<'EOF'
const { Fraction } = require('fractional');

console.log('fractional', require('fractional/package.json').version);
const number = (fraction) => fraction.numerator / fraction.denominator;
const back = (x) => {
  const text = new Fraction(x).toString();
  const seen = number(new Fraction(text));
  console.log(`${x} is written "${text}", which is read as ${seen}`);
  return { text, seen };
};
for (const x of [1.5, 2.75, -0.5, 3, -3]) if (back(x).seen !== x) throw new Error(`${x} is not what this probe expects`);
const half = back(-1.5);
const quarters = back(-2.75);
if (half.text !== '-1 1/2') throw new Error('a negative mixed number is not written as this probe expects');
if (half.seen !== -0.5 || quarters.seen !== -1.25) {
  console.error('The behaviour has changed: the sign belongs to the whole number.');
  process.exit(1);
}
console.log('Still so: the fraction of a negative number is added.');
EOF
node probe.cjs
