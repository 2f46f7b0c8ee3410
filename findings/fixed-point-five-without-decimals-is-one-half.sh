#!/usr/bin/env bash
# @hastom/fixed-point says that 5 without decimals is 0.5, and 1234 without decimals 0.1234.
#
# Package: @hastom/fixed-point 1.0.3. Any Node from 20.
#
# Expected: new FixedPoint(base, precision) "means" base / 10^precision (README): with precision 0 5 is 5.
# Seen: the point is set by str.slice(0, -precision) and str.slice(-precision). For precision 0 these are slice(0, 0) and slice(0): nothing before
# the point and all digits behind it. toDecimalString() is ".5", toDecimal() 0.5, and so is valueOf(), with which < and > compare. eq, gt and lt are
# right.
# Why it matters: numbers without decimals are the usual accumulators and counts of integer arithmetic, and zero a usual value of a per-layer
# "fraction length". They print smaller than 1, and two that are compared with < are compared as fractions: 9 > 10.
# Output seen: 5 with one decimal 0.5, with none .5 and 0.5; 1234 with none .1234; 9 > 10 true, 9 gt 10 false.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @hastom/fixed-point@1.0.3

cat > probe.cjs <<'EOF'
const { FixedPoint } = require('@hastom/fixed-point');

console.log('@hastom/fixed-point', require('@hastom/fixed-point/package.json').version);
const tenths = new FixedPoint(5n, 1);
const whole = new FixedPoint(5n, 0);
const nine = FixedPoint.fromDecimal(9, 0);
const ten = FixedPoint.fromDecimal(10, 0);
console.log(`5 with one decimal: ${tenths.toDecimal()}; without: ${whole.toDecimalString()}, ${whole.toDecimal()}`);
console.log(`1234 without: ${new FixedPoint(1234n, 0).toDecimalString()}`);
console.log(`9 > 10: ${nine > ten}; 9 gt 10: ${nine.gt(ten)}`);
if (tenths.toDecimal() !== 0.5 || nine.gt(ten)) throw new Error('5 with one decimal or gt is not what this probe expects');
if (whole.toDecimal() !== 0.5 || !(nine > ten)) {
  console.error('The behaviour has changed: numbers without decimals are other numbers.');
  process.exit(1);
}
console.log('Still so: 5 without decimals is 0.5.');
EOF
node probe.cjs
