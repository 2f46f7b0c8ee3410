#!/usr/bin/env bash
# decimal subtracts 0.15 from 0.1 and gets "0.-5", which is no number.
#
# Package: decimal 0.0.2. Any Node from 20.
#
# Expected: "simple decimal arithmetic" (README), so -0.05.
# Seen: the point is set into the digits of the result by counting characters, and the minus sign is one of them: -5 with two decimals is "-5", two
# characters long, so "0." is put before it. toNumber() is NaN. 0.1 - 0.2 is "-.1", which works by luck, -0.1 times 0.2 is "0.-2".
# Why it matters: the library is there so that small differences come out exact. Differences that are small and negative are no number at all, and
# the sum they enter is NaN.
# Output seen: 0.3 - 0.1 is 0.2; 0.1 - 0.15 is 0.-5, NaN; -0.1 x 0.2 is 0.-2, NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund decimal@0.0.2

cat > probe.cjs <<'EOF'
const Decimal = require('decimal');

console.log('decimal', require('decimal/package.json').version);
const positive = Decimal('0.3').sub('0.1');
const difference = Decimal('0.1').sub('0.15');
const product = Decimal('-0.1').mul('0.2');
console.log(`0.3 - 0.1 is ${positive}, ${positive.toNumber()}`);
console.log(`0.1 - 0.15 is ${difference}, ${difference.toNumber()}`);
console.log(`-0.1 x 0.2 is ${product}, ${product.toNumber()}`);
if (positive.toNumber() !== 0.2) throw new Error('0.3 - 0.1 is not what this probe expects');
if (String(difference) !== '0.-5' || String(product) !== '0.-2') {
  console.error('The behaviour has changed: small negative numbers are written otherwise.');
  process.exit(1);
}
console.log('Still so: small negative numbers are no numbers.');
EOF
node probe.cjs
