#!/usr/bin/env bash
# jpickle reads every integer of a pickle of protocol 2 that does not fit 32 bits as 0.
#
# Package: jpickle 0.4.1. Any Node from 20.
#
# Expected: "it currently supports most opcodes for protocol 0, protocol 1 and protocol 2" (README); what it does not support it names in an
# exception. 2^32 in protocol 0 is 4294967296.
# Seen: for LONG1 and LONG4, with which Python writes integers outside 32 bits in protocol 2, the bytes are skipped and 0 is put in their place,
# without a word.
# Why it matters: sizes in bytes, counts of operations and seeds of experiments are that large. They are read as 0 among neighbours that are right.
# Output seen: [1, 1000, 2147483647, 2147483648, 4294967296] is read as 1, 1000, 2147483647, 0, 0; 4294967296 in protocol 0 as 4294967296.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jpickle@0.4.1

cat > probe.cjs <<'EOF'
process.removeAllListeners('warning');
process.on('warning', () => {});
const jpickle = require('jpickle');

console.log('jpickle', require('jpickle/package.json').version);
// pickle.dumps([1, 1000, 2**31 - 1, 2**31, 2**32], 2) of Python.
const list = ']q\x00(K\x01M\xe8\x03J\xff\xff\xff\x7f\x8a\x05\x00\x00\x00\x80\x00\x8a\x05\x00\x00\x00\x00\x01e.';
const seen = jpickle.loads('\x80\x02' + list).join(', ');
const text = jpickle.loads('L4294967296L\n.');
console.log('protocol 2:', seen);
console.log('4294967296 in protocol 0:', text);
if (text !== 4294967296 || !seen.startsWith('1, 1000, 2147483647')) throw new Error('protocol 0 or small integers are not what this probe expects');
if (seen !== '1, 1000, 2147483647, 0, 0') {
  console.error('The behaviour has changed: large integers are other numbers.');
  process.exit(1);
}
console.log('Still so: integers beyond 32 bits are read as 0.');
EOF
node probe.cjs
