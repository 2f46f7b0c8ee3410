#!/usr/bin/env bash
# nifti-js reads the three parameters of a statistic from the same place: an F statistic of 3 and 20 degrees of freedom has 3 and 3.
#
# Package: nifti-js 1.0.1. Any Node from 20.
#
# Expected: parseNIfTIHeader returns "the raw NIfTI information" (README). In the header of NIfTI-1 intent_p1, intent_p2 and intent_p3 are floats at
# the bytes 56, 60 and 64.
# Seen: all three are read at 56.
# Why it matters: the parameters are the degrees of freedom of the statistic in the image; F has two of them. p of F = 4 is 0.02 with 3 and 20
# degrees and 0.14 with 3 and 3.
# Output seen: intent 4 (F): in the header 3, 20, 0; nifti-js 3, 3, 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund nifti-js@1.0.1

cat > probe.cjs <<'EOF'
const nifti = require('nifti-js');

console.log('nifti-js', require('nifti-js/package.json').version);
const buffer = new ArrayBuffer(352 + 4);
const view = new DataView(buffer);
view.setInt32(0, 348, true);
[3, 1, 1, 1].forEach((size, index) => view.setInt16(40 + 2 * index, size, true));
[3, 20, 0].forEach((parameter, index) => view.setFloat32(56 + 4 * index, parameter, true));
view.setInt16(68, 4, true); // the intent: an F statistic
view.setInt16(70, 16, true); // of floats
view.setInt16(72, 32, true);
view.setFloat32(108, 352, true);
new Uint8Array(buffer).set([0x6e, 0x2b, 0x31, 0], 344);

const parameters = ({ intent_p1, intent_p2, intent_p3 }) => [intent_p1, intent_p2, intent_p3].join(', ');
const header = nifti.parseNIfTIHeader(buffer);
const seen = parameters(header);
const written = [56, 60, 64].map((at) => view.getFloat32(at, true)).join(', ');
console.log(`intent ${header.intent_code}: in the header ${written}, nifti-js ${seen}`);
if (written !== '3, 20, 0' || header.intent_code !== 4) throw new Error('the header is not what this probe expects');
if (seen !== '3, 3, 3') {
  console.error('The behaviour has changed: the parameters are others.');
  process.exit(1);
}
console.log('Still so: the first parameter is read three times.');
EOF
node probe.cjs
