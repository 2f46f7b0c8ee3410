#!/usr/bin/env bash
# msgpackr packs a Float32Array or Uint16Array as bytes, each number modulo 256, unless it is told about typed arrays.
#
# Package: msgpackr 2.1.3. Any Node from 20.
#
# Expected: a typed array comes back as itself, or as a plain array of its numbers, or packing it raises an error (as it does for a bigint
# that is too large). A Float32Array has always been "binary data" to MessagePack libraries, so at worst its bytes come back.
# Seen: with default options what comes back is a Buffer whose first bytes are 1, 254 and 44 for [1.5, -2, 300]: neither the numbers nor
# their bytes. Uint8Array is right. `moreTypes: true` on both sides keeps the type.
# Why it matters: activations, masks and weights travel as wider typed arrays in any tool of this field, and a small map of small whole
# numbers survives, so the first tests do.
# Output seen: default 1,254,44 (Buffer); moreTypes 1.5,-2,300 (Float32Array).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund msgpackr@2.1.3

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { Packr } = require('msgpackr');

const there = (value, options) => {
  const packr = new Packr(options);
  return packr.unpack(packr.pack(value));
};
const show = (value, length) => `${[...value.subarray(0, length)].join(',')} (${value.constructor.name})`;

console.log('msgpackr', JSON.parse(readFileSync('node_modules/msgpackr/package.json')).version);
const floats = Float32Array.of(1.5, -2, 300);
const words = Uint16Array.of(1, 300);
const cut = there(floats, {});
const cutWords = there(words, {});
const kept = there(floats, { moreTypes: true });
console.log('Float32Array of 1.5,-2,300, default:  ', show(cut, 3));
console.log('Uint16Array of 1,300, default:        ', show(cutWords, 2));
console.log('Uint8Array of 1,255, default:         ', show(there(Uint8Array.of(1, 255), {}), 2));
console.log('Float32Array of 1.5,-2,300, moreTypes:', show(kept, 3));
if ([...kept].join() !== '1.5,-2,300') throw new Error('moreTypes does not keep the numbers, which this probe expects');
if ([...cut.subarray(0, 3)].join() !== '1,254,44' || [...cutWords.subarray(0, 2)].join() !== '1,44') {
  console.error('The behaviour has changed: wider typed arrays are no longer cut to bytes.');
  process.exit(1);
}
console.log('Still so: floats are cut to bytes without an error.');
EOF
node probe.cjs
