#!/usr/bin/env bash
# @thi.ng/range-coder does not bring back the five bytes 128, 128, 193, 133, 0: there come 161 others.
#
# Package: @thi.ng/range-coder 1.0.93. Any Node from 20.
#
# Expected: "binary data range encoder / decoder": decodeBytes(encodeBytes(bytes)) is bytes, whatever they are.
# Seen: while the interval lies about the middle, bits are put off and counted, and later written at once as write(0x7fffff, count). The constant
# has 23 ones, so that a count above 23 writes zeros before the ones. Each byte whose share of the interval holds the middle adds about eight to the
# count: after three of them, in the right order, the fourth breaks the stream. Others, and the same first three, come back.
# Why it matters: a lossless coder that loses is worse than none. About one place in 2^24 of random bytes is such a run, so that small tests never
# see one and an archive of activations does.
# Output seen: 128, 128, 193 and 1024 random bytes come back; 128, 128, 193, 133, 0 becomes 161 bytes, 1, 1, 1, 42, 100, ...
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @thi.ng/range-coder@1.0.93

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { decodeBytes, encodeBytes } from '@thi.ng/range-coder';

console.log('@thi.ng/range-coder', JSON.parse(readFileSync('node_modules/@thi.ng/range-coder/package.json', 'utf8')).version);
const through = (bytes) => [...decodeBytes(encodeBytes(Uint8Array.from(bytes)))];
let state = 1;
const random = Array.from({ length: 1024 }, () => (state = (state * 48271) % 2147483647) & 255);
const short = [128, 128, 193];
const run = [128, 128, 193, 133, 0];
const seen = through(run);
console.log(`${short.join(', ')} becomes ${through(short).join(', ')}`);
console.log(`${run.join(', ')} becomes ${seen.length} bytes, ${seen.slice(0, 5).join(', ')}, ...`);
if (through(short).join() !== short.join() || through(random).join() !== random.join()) throw new Error('other bytes are not what this probe expects');
if (seen.join() === run.join()) {
  console.error('The behaviour has changed: the five bytes come back.');
  process.exit(1);
}
console.log('Still so: the five bytes do not come back.');
EOF
node probe.mjs
