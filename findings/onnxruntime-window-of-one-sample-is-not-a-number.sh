#!/usr/bin/env bash
# HannWindow, HammingWindow and BlackmanWindow of one sample are NaN in ONNX Runtime when they are symmetric, where NumPy, SciPy and PyTorch have 1.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: a window of one sample is 1, the middle of the window. NumPy's hanning(1), SciPy's get_window and PyTorch's hann_window say so.
# Seen: the symmetric window is computed with 0 / (1 - 1), which is NaN. Periodic, the default, it is the first sample of the window: 0, 0.087 and 0.
# Three samples are right: 0, 1, 0. The operators do not restrict the size.
# Why it matters: the size is an input and often computed (a smoothing width times a scale, rounded). At width one smoothing should change nothing;
# here it makes every number NaN, or 0 by default.
# Output seen: symmetric NaN, NaN, NaN; periodic 0, 0.087, 0; three samples Hann 0, 1, 0.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnx-proto@8.0.1

cat > probe.cjs <<'EOF'
const { onnx } = require('onnx-proto');
const ort = require('onnxruntime-node');

const FLOAT = 1;
const window = async (opType, size, periodic) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'window',
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: [{ name: 'size', dataType: 7, dims: [], int64Data: [size] }],
      node: [{ opType, input: ['size'], output: ['y'], attribute: [{ name: 'periodic', type: 2, i: periodic }] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  return [...(await session.run({})).y.data].map((weight) => +weight.toFixed(3));
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  let still = true;
  for (const opType of ['HannWindow', 'HammingWindow', 'BlackmanWindow']) {
    const one = await window(opType, 1, 0);
    const turn = await window(opType, 1, 1);
    const three = await window(opType, 3, 0);
    console.log(`${opType}: one sample ${one}, periodic ${turn}; three samples ${three}`);
    if (three[1] !== 1 || three[0] !== three[2]) throw new Error('three samples are not what this probe expects');
    still = still && one.length === 1 && Number.isNaN(one[0]) && turn[0] === three[0];
  }
  if (!still) {
    console.error('The behaviour has changed: one sample is a number.');
    process.exit(1);
  }
  console.log('Still so: a symmetric window of one sample is not a number.');
})();
EOF
node probe.cjs
