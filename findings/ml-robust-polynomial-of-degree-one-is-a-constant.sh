#!/usr/bin/env bash
# A robust polynomial regression of degree 1 is a constant, drawn from the data: 2 x + 1 is not fitted by a line.
#
# Package: ml-regression-robust-polynomial 3.0.2. Any Node from 20.
#
# Expected: the degree of a polynomial is its highest power. Degree 1 through points of 2 x + 1 is that line, as from ml-regression-polynomial of the same
# authors.
# Seen: the degree is the number of coefficients, so degree 1 has only the constant, degree 2 is a line, and a parabola needs 3. The regression keeps the
# degree it was given. The constant is the value of one of the points, another with every run.
# Why it matters: both packages stand side by side for a fit with and without outliers; the robust one of the same degree has a power less, and a trend is
# missed altogether.
# Output seen: degree 1: f(x) = one of 1, 3, ... 39; degree 2: 2 x + 1; ml-regression-polynomial of degree 1: 2 x + 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund ml-regression-robust-polynomial@3.0.2

cat > probe.cjs <<'EOF'
const { RobustPolynomialRegression } = require('ml-regression-robust-polynomial');

console.log('ml-regression-robust-polynomial', require('ml-regression-robust-polynomial/package.json').version);
const x = Array.from({ length: 20 }, (_, i) => i);
const y = x.map((value) => 2 * value + 1);
const fit = (degree) => {
  const regression = new RobustPolynomialRegression(x, y, degree);
  console.log(`degree ${degree}: ${regression.coefficients.length} coefficients, at 5 ${regression.predict(5)} (right: 11), at 10 ${regression.predict(10)} (right: 21)`);
  return regression;
};
const one = fit(1);
const two = fit(2);
if (Math.abs(two.predict(5) - 11) > 1e-9 || Math.abs(two.predict(10) - 21) > 1e-9) throw new Error('degree two is not what this probe expects');
if (one.coefficients.length !== 1 || one.predict(5) !== one.predict(10) || two.coefficients.length !== 2) {
  console.error('The behaviour has changed: degree one is a line.');
  process.exit(1);
}
console.log('Still so: degree one is a constant.');
EOF
node probe.cjs
