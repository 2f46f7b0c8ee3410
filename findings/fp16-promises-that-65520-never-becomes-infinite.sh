#!/usr/bin/env bash
# fp16 calls 65520 inexact, which by its README never becomes infinite, and writes it as infinity.
#
# Package: fp16 1.0.0. Any Node from 20.
#
# Expected: "Precision.Inexact: the exponent is within the target range, but precision bits will be lost during rounding. The value may round to +/-
# 0 but will never round to +/- Infinity" (README). Overflow is the answer for what becomes infinite.
# Seen: only the exponent is looked at. From 65520 to below 65536 a number has the largest exponent, is rounded up and carries into the exponent:
# setFloat16 writes Infinity, getFloat16Precision says Inexact. getFloat32Precision does the same to 3.4028235677973366e38, half a step above the
# largest float.
# Why it matters: the function exists to choose a format before anything is written (CBOR and msgpack encoders, exporters of weights). Who trusts it
# turns a finite activation into infinity.
# Output seen: 65504 Exact, 65504; 65519 Inexact, 65504; 65520 Inexact, Infinity; 65535 Inexact, Infinity; 65536 Overflow, Infinity.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fp16@1.0.0

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { getFloat16, getFloat16Precision, getFloat32Precision, Precision, setFloat16 } from 'fp16';

console.log('fp16', JSON.parse(readFileSync('node_modules/fp16/package.json', 'utf8')).version);
const view = new DataView(new ArrayBuffer(2));
const names = Object.fromEntries(Object.entries(Precision).map(([name, code]) => [code, name]));
const seen = [65504, 65519, 65520, 65535, 65536].map((number) => {
  setFloat16(view, 0, number);
  const line = `${number} ${names[getFloat16Precision(number)]} ${getFloat16(view, 0)}`;
  console.log(line);
  return line;
});
const halfAbove = 3.4028235677973366e38;
console.log(`${halfAbove} as a float: ${names[getFloat32Precision(halfAbove)]} ${Math.fround(halfAbove)}`);
if (seen[0] !== '65504 Exact 65504' || seen[1] !== '65519 Inexact 65504' || seen[4] !== '65536 Overflow Infinity') {
  throw new Error('the neighbours are not what this probe expects');
}
if (seen[2] !== '65520 Inexact Infinity' || seen[3] !== '65535 Inexact Infinity') {
  console.error('The behaviour has changed: what becomes infinite is no longer called inexact.');
  process.exit(1);
}
console.log('Still so: 65520 is called inexact and becomes infinite.');
EOF
node probe.mjs
