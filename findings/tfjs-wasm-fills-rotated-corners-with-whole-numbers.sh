#!/usr/bin/env bash
# The corners of a picture rotated on the WebAssembly back end of TensorFlow.js are filled with whole numbers only: 0.5 becomes 0.
#
# Package: @tensorflow/tfjs-core, tfjs-backend-cpu and tfjs-backend-wasm 4.22.0. Any Node from 20.
#
# Expected: rotateWithOffset takes pictures of floats, and a fill value, one number or three, which it puts where nothing of the picture lies.
# Seen: on the CPU back end 0.5 is filled in as 0.5, and 0.2, 0.5, 1.7 as they are. On WebAssembly the fractions are cut: 0, and 0, 0, 1.
# Why it matters: pictures in the range from 0 to 1 are filled with 0.5, or with the mean of the training data, to hide the corners from a
# network. Here they get black corners instead, an edge that the training never showed, without a word in the log.
# Output seen: first pixel of ones turned by 45 degrees: cpu 0.5, wasm 0; three channels: cpu 0.2,0.5,1.7, wasm 0,0,1.
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

const corner = async (backend, fill) => {
  await tf.setBackend(backend);
  const channels = Array.isArray(fill) ? 3 : 1;
  const turned = tf.image.rotateWithOffset(tf.ones([1, 3, 3, channels]), Math.PI / 4, fill);
  const seen = [...turned.dataSync()].slice(0, channels).map((value) => +value.toFixed(4)).join();
  console.log(`${backend.padEnd(4)}: filled with ${fill}: ${seen}`);
  return seen;
};
(async () => {
  const cpu = [await corner('cpu', 0.5), await corner('cpu', [0.2, 0.5, 1.7]), await corner('cpu', 3)];
  const wasm = [await corner('wasm', 0.5), await corner('wasm', [0.2, 0.5, 1.7]), await corner('wasm', 3)];
  if (cpu.join(' ') !== '0.5 0.2,0.5,1.7 3' || wasm[2] !== '3') throw new Error('the CPU back end or whole numbers are not what this probe expects');
  if (wasm[0] !== '0' || wasm[1] !== '0,0,1') {
    console.error('The behaviour has changed: WebAssembly fills with fractions.');
    process.exit(1);
  }
  console.log('Still so: WebAssembly fills with whole numbers.');
})();
EOF
node probe.cjs
