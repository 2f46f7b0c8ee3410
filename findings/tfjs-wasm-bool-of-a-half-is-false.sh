#!/usr/bin/env bash
# The WebAssembly back end of TensorFlow.js casts numbers to bool by cutting them to a byte: 0.5 and 256 are false, 2 is 2, and not 2 is 3.
#
# Package: @tensorflow/tfjs-core, tfjs-backend-cpu and tfjs-backend-wasm 4.22.0. Any Node from 20.
#
# Expected: cast to bool is "not zero", as in TensorFlow, NumPy and the other back ends; a bool holds 0 or 1.
# Seen: on the CPU back end 0.5, 1, 2, 256 and -1 are all 1. On WebAssembly they are 0, 1, 2, 0 and 255, in a tensor that calls itself bool. Their
# sum is 258 instead of 5, where() takes the second choice for 0.5 and 256, and logicalNot of 2 is 3.
# Why it matters: masks are made by casting counts, weights or activations to bool. The same page takes WebAssembly on a machine without WebGL,
# and there every activation below 1, and every multiple of 256, is no longer masked in.
# Output seen: cpu 1,1,1,1,1; wasm 0,1,2,0,255; not of 2: cpu 0, wasm 3.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund \
  @tensorflow/tfjs-core@4.22.0 @tensorflow/tfjs-backend-cpu@4.22.0 @tensorflow/tfjs-backend-wasm@4.22.0

cat > probe.cjs <<'EOF'
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');

console.log('tfjs-core', tf.version_core, 'and tfjs-backend-wasm', require('@tensorflow/tfjs-backend-wasm/package.json').version);
setWasmPaths(`${__dirname}/node_modules/@tensorflow/tfjs-backend-wasm/dist/`);

const INPUT = [0.5, 1, 2, 256, -1];
const flags = async (backend) => {
  await tf.setBackend(backend);
  const mask = tf.cast(tf.tensor1d(INPUT), 'bool');
  const chosen = tf.where(mask, tf.ones([INPUT.length]), tf.zeros([INPUT.length]));
  const list = (tensor) => [...tensor.dataSync()].join();
  const seen = { flags: list(mask), sum: list(tf.sum(mask)), not: list(tf.logicalNot(mask)), chosen: list(chosen) };
  console.log(`${backend.padEnd(4)}: ${INPUT.join()} as ${mask.dtype} are ${seen.flags}, sum ${seen.sum}, not ${seen.not}, where ${seen.chosen}`);
  return seen;
};
(async () => {
  const cpu = await flags('cpu');
  const wasm = await flags('wasm');
  if (cpu.flags !== '1,1,1,1,1' || cpu.chosen !== '1,1,1,1,1') throw new Error('the CPU back end does not cast as this probe expects');
  if (wasm.flags !== '0,1,2,0,255' || wasm.not.split(',')[2] !== '3') {
    console.error('The behaviour has changed: WebAssembly casts to bool otherwise.');
    process.exit(1);
  }
  console.log('Still so: WebAssembly casts to a byte and calls it bool.');
})();
EOF
node probe.cjs
