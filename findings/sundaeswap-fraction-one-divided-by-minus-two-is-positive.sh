#!/usr/bin/env bash
# @sundaeswap/fraction divides 1 by -2 and has a number above zero.
#
# Package: @sundaeswap/fraction 1.0.8. Any Node from 20.
#
# Expected: "Represents a rational number" (types): 1 / -2 is -1/2, less than 0 and less than 1.
# Seen: the quotient keeps the negative denominator, and comparisons multiply by the denominators as if they were positive, which turns the sign of
# the comparison around. 1 / -2 is greater than 0, even greater than 1, its absolute value is itself, and yet it equals -1/2.
# Why it matters: scales, slopes and zero points are quotients of signed numbers. A maximum, a sort or a clip of such quotients goes wrong exactly
# where the divisor was negative.
# Output seen: -1/2: less than 0 true, compared with 0 -1; 1 / -2: less than 0 false, greater than 1 true, compared with 0 1, equal to -1/2 true,
# absolute value 1/-2.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @sundaeswap/fraction@1.0.8

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { Fraction } = require('@sundaeswap/fraction');

console.log('@sundaeswap/fraction', JSON.parse(readFileSync('node_modules/@sundaeswap/fraction/package.json', 'utf8')).version);
const describe = (fraction) => {
  const absolute = fraction.abs();
  const told = {
    less: fraction.lessThan(Fraction.ZERO),
    greater: fraction.greaterThan(Fraction.ONE),
    compared: Fraction.compare(fraction, Fraction.ZERO),
    absolute: `${absolute.numerator}/${absolute.denominator}`,
  };
  console.log(`${fraction.numerator}/${fraction.denominator}: less than 0 ${told.less}, greater than 1 ${told.greater}, compared with 0 ${told.compared}, absolute value ${told.absolute}`);
  return told;
};
const minusHalf = new Fraction(-1n, 2n);
const quotient = Fraction.ONE.divide(-2);
const plain = describe(minusHalf);
const seen = describe(quotient);
console.log(`equal: ${quotient.equals(minusHalf)}`);
if (!plain.less || plain.compared !== -1 || plain.absolute !== '1/2' || !quotient.equals(minusHalf)) throw new Error('-1/2 is not what this probe expects');
if (seen.less || !seen.greater || seen.compared !== 1 || seen.absolute !== '1/-2') {
  console.error('The behaviour has changed: 1 / -2 is compared otherwise.');
  process.exit(1);
}
console.log('Still so: 1 / -2 is above zero.');
EOF
node probe.cjs
