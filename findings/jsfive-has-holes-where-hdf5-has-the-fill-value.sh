#!/usr/bin/env bash
# jsfive reads the parts of an HDF5 dataset that were never written as holes in its array; the format has the fill value there.
#
# Package: jsfive 0.4.2; h5wasm 0.10.3, the HDF5 library itself, writes and reads the same file. Any Node from 20.
#
# Expected: a chunk that is not in the file has the fill value, 0 unless another is set, which is how datasets grow and how sparse ones stay small.
# Seen: a dataset of four numbers, enlarged to ten, is four numbers and six holes. The length is right, so is the shape. Holes are skipped by forEach and
# reduce, become NaN in a Float32Array and null in JSON; the end of a chunk that is begun has zeros. A reader by the HDF5 library has ten numbers.
# Why it matters: activations dumped image by image into an extensible dataset are read for the last images as NaN, and a mean of all of them is NaN.
# Output seen: jsfive 4 numbers and 6 holes, mean NaN as a Float32Array; h5wasm 1,2,3,4,0,0,0,0,0,0, mean 1.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund jsfive@0.4.2 h5wasm@0.10.3

cat > probe.js <<'EOF'
import { readFileSync } from 'node:fs';
import { File as JsFive } from 'jsfive';
import h5wasm from 'h5wasm/node';

await h5wasm.ready;
const writer = new h5wasm.File('growing.h5', 'w');
writer.create_dataset({ name: 'maps', data: Float32Array.of(1, 2, 3, 4), shape: [4], dtype: '<f4', maxshape: [null], chunks: [4] }).resize([10]);
writer.close();

const version = (name) => JSON.parse(readFileSync(`node_modules/${name}/package.json`, 'utf8')).version;
console.log('jsfive', version('jsfive'), 'h5wasm', version('h5wasm'));
const bytes = readFileSync('growing.h5');
const holed = new JsFive(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length), 'growing.h5').get('maps');
const whole = new h5wasm.File('growing.h5', 'r').get('maps').value;
const mean = (numbers) => Float32Array.from(numbers).reduce((sum, x) => sum + x, 0) / numbers.length;
const holes = Array.from({ length: 10 }, (_, i) => i).filter((i) => !(i in holed.value));
console.log(`jsfive: shape ${holed.shape}, ${JSON.stringify(holed.value)}, holes at ${holes.join()}, mean ${mean(holed.value)}`);
console.log(`h5wasm: ${JSON.stringify([...whole])}, mean ${mean(whole)}`);
if ([...whole].join() !== '1,2,3,4,0,0,0,0,0,0') throw new Error('the file is not what this probe expects');
if (holes.length !== 6 || !Number.isNaN(mean(holed.value))) {
  console.error('The behaviour has changed: what was never written is the fill value.');
  process.exit(1);
}
console.log('Still so: what was never written is missing.');
EOF
node probe.js
