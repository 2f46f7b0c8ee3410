#!/usr/bin/env bash
# tf.image.transform on the CPU back end of TensorFlow.js transforms the first picture of a batch; the others are filled.
#
# Package: @tensorflow/tfjs-core, tfjs-backend-cpu and tfjs-backend-wasm 4.22.0. Any Node from 20.
#
# Expected: it takes a batch of pictures and one row of eight numbers for all, or a row for each. Eight numbers that leave every point
# where it is leave the batch as it is.
# Seen: the first picture stays, every further one consists of the fill value, with one row for all and with one each. On WebAssembly
# the batch is right.
# Why it matters: it is the only general warp of the library, used to augment or to align batches. A test with one picture passes; a network
# trained on batches, or measured on them, sees one picture in each and otherwise a constant. The CPU back end is what tests run on.
# Output seen: 1,2,3,4 5,6,7,8 filled with 9: cpu 1,2,3,4,9,9,9,9; wasm 1,2,3,4,5,6,7,8.
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

const SAME = [1, 0, 0, 0, 1, 0, 0, 0];
const moved = async (backend, rows) => {
  await tf.setBackend(backend);
  const batch = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8], [2, 2, 2, 1]);
  const seen = [...tf.image.transform(batch, tf.tensor2d(Array(rows).fill(SAME)), 'nearest', 'constant', 9).dataSync()].join();
  console.log(`${backend.padEnd(4)}: two pictures, ${rows} transform(s): ${seen}`);
  return seen;
};
(async () => {
  const cpu = [await moved('cpu', 1), await moved('cpu', 2)];
  const wasm = [await moved('wasm', 1), await moved('wasm', 2)];
  if (wasm.some((batch) => batch !== '1,2,3,4,5,6,7,8')) throw new Error('the WebAssembly back end is not what this probe expects');
  if (cpu.some((batch) => batch !== '1,2,3,4,9,9,9,9')) {
    console.error('The behaviour has changed: the CPU back end transforms further pictures.');
    process.exit(1);
  }
  console.log('Still so: only the first picture of a batch is transformed.');
})();
EOF
node probe.cjs
