#!/usr/bin/env bash
# bi-fraction writes 0.00123 with two significant digits as 0.00, and 9.99 with one decimal of an exponent as 10.0e+0.
#
# Package: bi-fraction 1.2.1. Any Node from 20.
#
# Expected: toPrecision gives "a string representation with the specified significant digits" and toExponential "a string of exponential
# representation" (types), as the methods of the same names of Number do: 0.0012 and 1.0e+1. Both are right in the examples of the types, 1234.567
# and 0.0000001234.
# Seen: toPrecision counts the digits before the point, none for a number below 1, and takes all others for decimals: zeros behind the point count
# as significant. toExponential chooses the exponent before it rounds and does not look again; toPrecision(3) of 99.96 is 100.0 for the same reason.
# Why it matters: the package promises accuracy. p-values, learning rates and errors printed with two digits are 0.00, and a table of exponents has
# entries that no parser of such tables expects.
# Output seen: toPrecision(2): 1.23 is 1.2, 0.0123 is 0.01, 0.00123 is 0.00; toExponential(1): 1234.5678 is 1.2e+3, 9.99 is 10.0e+0; toPrecision(3)
# of 99.96 is 100.0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund bi-fraction@1.2.1

cat > probe.cjs <<'EOF'
const { Fraction } = require('bi-fraction');

console.log('bi-fraction', require('bi-fraction/package.json').version);
const digits = (number, count) => {
  const seen = new Fraction(number).toPrecision(count);
  console.log(`toPrecision(${count}) of ${number}: ${seen}, Number says ${Number(number).toPrecision(count)}`);
  return seen;
};
const exponent = (number) => {
  const seen = new Fraction(number).toExponential(1);
  console.log(`toExponential(1) of ${number}: ${seen}, Number says ${Number(number).toExponential(1)}`);
  return seen;
};
const plain = digits('1.23', 2);
const small = [digits('0.0123', 2), digits('0.00123', 2)];
const carried = digits('99.96', 3);
const thousand = exponent('1234.5678');
const ten = exponent('9.99');
if (plain !== '1.2' || thousand !== '1.2e+3') throw new Error('1.23 or 1234.5678 is not what this probe expects');
if (small.join() !== '0.01,0.00' || carried !== '100.0' || ten !== '10.0e+0') {
  console.error('The behaviour has changed: the digits are others.');
  process.exit(1);
}
console.log('Still so: zeros behind the point count as significant, and exponents are chosen before rounding.');
EOF
node probe.cjs
