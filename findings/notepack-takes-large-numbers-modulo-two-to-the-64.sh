#!/usr/bin/env bash
# notepack.io writes 1e300 and 2^64 as 0, and 1e20 as 7.77e18.
#
# Package: notepack.io 3.0.1. Any Node from 20.
#
# Expected: MessagePack has floats of 64 bits, which hold these numbers exactly; its integers end at 2^64 - 1. Other packages write what is larger as a
# float.
# Seen: what has no fraction is written as an integer, and what is beyond 32 bits as one of 64, of which the upper half is cut to 32 bits. From 2^64 on
# the number is taken modulo 2^64, so 1e300 is 0; below -2^63 even the sign changes: -1e19 comes back as 8.4e18. A number that large never has a fraction.
# Why it matters: an exploding loss, a sum of squares or FLOPs in bytes come back as a modest number or as 0, where infinity or an error would be noticed.
# Output seen: 2^63 9.22e18; 2^64 0; 1e20 7766279631452242000; 1e300 0; -1e19 8446744073709552000; the float 1e300, written by hand, is read as 1e300.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund notepack.io@3.0.1

cat > probe.cjs <<'EOF'
const notepack = require('notepack.io');

console.log('notepack.io', require('notepack.io/package.json').version);
const back = (x) => {
  const seen = notepack.decode(notepack.encode(x));
  console.log(`${x}: ${seen}`);
  return seen;
};
const small = [2 ** 53 - 1, 2 ** 63, 0.1, 1.5e-300, -(2 ** 53 - 1)];
if (small.some((x) => back(x) !== x)) throw new Error('smaller numbers are not what this probe expects');
// The byte cb and the eight bytes of a float, most significant first, as the format has it; the reader of the package understands it.
const asFloat = Buffer.alloc(9, 0xcb);
asFloat.writeDoubleBE(1e300, 1);
if (notepack.decode(asFloat) !== 1e300) throw new Error('a float of 64 bits is not read as this probe expects');
const large = [2 ** 64, 1e20, 1e300, -1e19].map(back);
const modulo = [2 ** 64, 1e20, 1e300].map((x) => Number(BigInt(x) % 2n ** 64n));
if (large.slice(0, 3).some((seen, i) => seen !== modulo[i]) || large[3] <= 0) {
  console.error('The behaviour has changed: large numbers are floats.');
  process.exit(1);
}
console.log('Still so: large numbers are taken modulo 2^64.');
EOF
node probe.cjs
