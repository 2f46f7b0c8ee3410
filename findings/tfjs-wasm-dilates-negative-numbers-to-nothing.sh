#!/usr/bin/env bash
# dilation2d of TensorFlow.js on WebAssembly turns a picture of negative numbers into 1.18e-38, the smallest positive float.
#
# Package: @tensorflow/tfjs-core, tfjs-backend-cpu and tfjs-backend-wasm 4.22.0. Any Node from 20.
#
# Expected: dilation takes the largest sum of pixel and filter under the window. With a filter of zeros of 1 x 1 it changes nothing.
# Seen: on the CPU back end -5, -3 and -1 stay so. On WebAssembly all become 1.1754943508222875e-38; positive pictures are right. The
# largest sum is compared with the smallest positive number, it seems, instead of the most negative one.
# Why it matters: an erosion is the dilation of the negative, so erosions by this function are always lost, and so are logits, logarithms and pictures
# whose mean was taken off. The result looks like an empty picture, not like an error.
# Output seen: cpu -5,-3,-1, wasm three times 1.1754943508222875e-38; 5,3,1 is 5,3,1 on both.
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

const dilated = async (backend, row) => {
  await tf.setBackend(backend);
  const seen = [...tf.dilation2d(tf.tensor4d(row, [1, 1, row.length, 1]), tf.zeros([1, 1, 1]), 1, 'valid').dataSync()].join();
  console.log(`${backend.padEnd(4)}: ${row.join()} dilated by 1 x 1 is ${seen}`);
  return seen;
};
(async () => {
  const positive = [await dilated('cpu', [5, 3, 1]), await dilated('wasm', [5, 3, 1])];
  const cpu = await dilated('cpu', [-5, -3, -1]);
  const wasm = await dilated('wasm', [-5, -3, -1]);
  if (positive.some((row) => row !== '5,3,1') || cpu !== '-5,-3,-1') throw new Error('positive pictures or the CPU back end have changed');
  if (wasm !== Array(3).fill(1.1754943508222875e-38).join()) {
    console.error('The behaviour has changed: WebAssembly dilates negative numbers otherwise.');
    process.exit(1);
  }
  console.log('Still so: negative numbers become the smallest positive one.');
})();
EOF
node probe.cjs
