#!/usr/bin/env bash
# @thi.ng/rle-pack loses the last of 65537 equal bits: it comes back as 0.
#
# Package: @thi.ng/rle-pack 3.2.12. Any Node from 20.
#
# Expected: "the range of supported run lengths is 16 bits (i.e. 65536 repetitions). If a value is repeated more often than that, the remainder will
# be encoded using additional RLE chunks" (README).
# Seen: when the count of repetitions is full and the word at hand is the last one, a flag meant to keep the remainder from being written twice
# keeps it from being written at all. The length in the header still says 65537. With words of one bit the padding of the last byte is read instead,
# a 0; with wider words the decoder fails on the encoder's own output ("can't read past EOF"). 65536 and 65538 are right, 2 x 65536 + 1 is not.
# Why it matters: long runs of one value are what run lengths are for, and masks are mostly such. Sizes of one's own make it 2^n + 1 for any n, 17
# where the longest has four bits.
# Output seen: 65536, 65537 and 65538 ones: the last three come back as 1, 1, 1; 1, 1, 0; 1, 1, 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @thi.ng/rle-pack@3.2.12

cat > probe.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { decodeBinary, encodeBinary } from '@thi.ng/rle-pack';

console.log('@thi.ng/rle-pack', JSON.parse(readFileSync('node_modules/@thi.ng/rle-pack/package.json', 'utf8')).version);
const last = (length) => {
  const back = decodeBinary(encodeBinary(new Uint8Array(length).fill(1), length, 1));
  const ends = [...back.slice(-3)].join();
  console.log(`${length} ones of one bit: ${back.length} words, the last three ${ends}`);
  return ends;
};
const before = last(65536);
const seen = last(65537);
const behind = last(65538);
if (before !== '1,1,1' || behind !== '1,1,1') throw new Error('65536 or 65538 ones are not what this probe expects');
if (seen !== '1,1,0') {
  console.error('The behaviour has changed: the last of 65537 ones is another word.');
  process.exit(1);
}
console.log('Still so: the last of 65537 ones is 0.');
EOF
node probe.mjs
