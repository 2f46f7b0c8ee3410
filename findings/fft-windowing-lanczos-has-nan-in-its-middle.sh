#!/usr/bin/env bash
# The Lanczos window of fft-windowing is NaN in its middle for odd lengths, where a window is 1.
#
# Package: fft-windowing 0.1.4, with fft.js 4.0.4 as the transform. Any Node from 20.
#
# Expected: the middle of a window is its maximum, 1; sinc(0) is 1.
# Seen: the window of length 5 is 0, 0.637, NaN, 0.637, 0, since sin(0) / 0 is not caught. With 4 samples, an even number, no sample lies in the middle.
# Five samples padded to eight give a spectrum that is NaN everywhere.
# Why it matters: odd windows are those that have a middle, for filters and for short signals that are padded to a power of two; the twelve other windows
# work with both.
# Output seen: lanczos of five ones 0.000 0.637 NaN 0.637 0.000, of four 0.000 0.827 0.827 0.000; 8 of 8 bins NaN.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund fft-windowing@0.1.4 fft.js@4.0.4

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const FFT = require('fft.js');
const windowing = require('fft-windowing');

console.log('fft-windowing', JSON.parse(readFileSync('node_modules/fft-windowing/package.json', 'utf8')).version);
const ones = (length) => Array(length).fill(1);
const show = (window) => window.map((x) => Math.abs(x).toFixed(3)).join(' ');
const odd = windowing.lanczos(ones(5));
const even = windowing.lanczos(ones(4));
const others = Object.keys(windowing).filter((name) => name !== 'lanczos' && windowing[name](ones(5)).some(Number.isNaN));
console.log(`lanczos of five ones: ${show(odd)}`);
console.log(`lanczos of four ones: ${show(even)}`);
const fft = new FFT(8);
const spectrum = fft.createComplexArray();
fft.realTransform(spectrum, [...odd, 0, 0, 0]);
fft.completeSpectrum(spectrum);
const lost = Array.from({ length: 8 }, (_, i) => spectrum[2 * i]).filter(Number.isNaN).length;
console.log(`of the spectrum of the five, padded to eight, ${lost} of 8 bins are NaN`);
if (others.length > 0 || show(even) !== '0.000 0.827 0.827 0.000') throw new Error('the other windows are not what this probe expects');
if (!Number.isNaN(odd[2]) || lost !== 8) {
  console.error('The behaviour has changed: the window has a middle.');
  process.exit(1);
}
console.log('Still so: the middle of the window is NaN.');
EOF
node probe.cjs
