#!/usr/bin/env bash
# Filled by reflection, a picture moved by tf.image.transform on WebAssembly has its far edge where its near edge should be mirrored.
#
# Package: @tensorflow/tfjs-core, tfjs-backend-cpu and tfjs-backend-wasm 4.22.0. Any Node from 20.
#
# Expected: the fill mode "reflect" mirrors: in front of 0, 1, 2 ... 7 comes 2, 1, 0. On the CPU back end it does.
# Seen: on WebAssembly the three pixels in front are 7, 7, 7, the last pixel of the row. The far side, beyond the last pixel, is mirrored
# rightly, and the mode "wrap" is right.
# Why it matters: reflection is chosen for augmentation because it leaves no false edge. Here it makes one of full contrast at two of four sides, sky
# on top of ground, and only on machines where WebAssembly is the back end.
# Output seen: moved by three to the right cpu 2,1,0,0,1,2,3,4, wasm 7,7,7,0,1,2,3,4.
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

const ROW = [0, 1, 2, 3, 4, 5, 6, 7];
const moved = async (backend, mode, by) => {
  await tf.setBackend(backend);
  const row = tf.tensor4d(ROW, [1, 1, ROW.length, 1]);
  const seen = [...tf.image.transform(row, tf.tensor2d([[1, 0, -by, 0, 1, 0, 0, 0]]), 'nearest', mode).dataSync()].join();
  console.log(`${backend.padEnd(4)}: ${mode} by ${by}: ${seen}`);
  return seen;
};
(async () => {
  const right = { cpu: await moved('cpu', 'reflect', 3), wasm: await moved('wasm', 'reflect', 3) };
  const left = { cpu: await moved('cpu', 'reflect', -3), wasm: await moved('wasm', 'reflect', -3) };
  const wrapped = { cpu: await moved('cpu', 'wrap', 3), wasm: await moved('wasm', 'wrap', 3) };
  if (right.cpu !== '2,1,0,0,1,2,3,4' || left.cpu !== left.wasm || wrapped.cpu !== wrapped.wasm) {
    throw new Error('the CPU back end, the far side or the mode "wrap" is not what this probe expects');
  }
  if (right.wasm !== '7,7,7,0,1,2,3,4') {
    console.error('The behaviour has changed: WebAssembly fills the near side otherwise.');
    process.exit(1);
  }
  console.log('Still so: in front of the first pixel stands the last one.');
})();
EOF
node probe.cjs
