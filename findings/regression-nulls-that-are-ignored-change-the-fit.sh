#!/usr/bin/env bash
# An observation without a value, which regression ignores by its documentation, changes logarithmic and power fits.
#
# Package: regression 2.0.1. Any Node from 20.
#
# Expected: "`null` values are ignored". The fit of five points is the fit of those five and a sixth that is null, as it is for lines, exponentials and
# polynomials.
# Seen: logarithmic and power leave the null out of the sums and divide by a number of points that counts it. y = 2 x^1.5, exactly on the curve, becomes
# 1.48 x^1.73 with one null behind it, and 1 + 3 ln x becomes 0.57 + 3.34 ln x. Nothing warns; r2, which leaves the null out, falls to 0.98.
# Why it matters: power laws of error against bits, size or energy are fitted so, and gaps are what null is for; each further gap moves the curve further.
# Output seen: power 2, 1.5 alone and 1.4802, 1.7324 with null; logarithmic 1, 3 and 0.5658, 3.3353; linear, exponential, polynomial unchanged.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund regression@2.0.1

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const regression = require('regression');

console.log('regression', JSON.parse(readFileSync('node_modules/regression/package.json', 'utf8')).version);
const x = [1, 2, 3, 4, 5];
const curves = {
  linear: (v) => 1 + 3 * v,
  exponential: (v) => 2 * Math.exp(0.3 * v),
  polynomial: (v) => 1 + 2 * v + 3 * v * v,
  logarithmic: (v) => 1 + 3 * Math.log(v),
  power: (v) => 2 * v ** 1.5,
};
const moved = [];
for (const [name, curve] of Object.entries(curves)) {
  const points = x.map((v) => [v, curve(v)]);
  const alone = regression[name](points, { precision: 4 });
  const gap = regression[name]([...points, [6, null]], { precision: 4 });
  console.log(`${name}: ${alone.equation.join(', ')}; with a null: ${gap.equation.join(', ')}, r2 ${gap.r2}`);
  if (alone.equation.some((value, i) => Math.abs(value - gap.equation[i]) > 1e-3)) moved.push(name);
}
if (moved.join() !== 'logarithmic,power') {
  console.error('The behaviour has changed: nulls are ignored by all fits, or by none.');
  process.exit(1);
}
console.log('Still so: a null moves logarithmic and power fits.');
EOF
node probe.cjs
