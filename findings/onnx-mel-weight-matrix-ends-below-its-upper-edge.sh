#!/usr/bin/env bash
# The filters of ONNX's MelWeightMatrix never reach upper_edge_hertz: asked for 4000 Hz, four filters end at about 2700 Hz.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1), which follows the reference code of ONNX. Any Node from 20.
#
# Expected: lower_edge_hertz and upper_edge_hertz are the lowest frequency and "the desired top edge of the highest frequency band", as in
# TensorFlow's linear_to_mel_weight_matrix, whose description the operator shares: N filters have N + 2 corners, hence N + 1 equal
# steps of mel from edge to edge.
# Seen: the step is the range divided by N + 2, so that the last filter ends a step short of the edge. With 4 filters from 0 to 4000 Hz at a
# sampling rate of 8000 Hz the last filter ends at 2723 instead of 4000 Hz, and all energy above weighs nothing.
# Why it matters: a spectrogram front end moved into the model has other filters than the one the network was trained with; the fewer the
# filters, the larger the part of the spectrum that is lost (80 filters to 8000 Hz: the top 260 Hz). Nothing looks broken.
# Output seen: highest frequency with a weight above 0: 2703 Hz of 4000 Hz.
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

const FLOAT = 1, INT64 = 7;
const BANDS = 4, LENGTH = 512, RATE = 8000, UPPER = 4000;
const constant = (name, dataType, number) =>
  dataType === FLOAT ? { name, dataType, dims: [], floatData: [number] } : { name, dataType, dims: [], int64Data: [number] };
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'mel',
    output: [{ name: 'y', type: { tensorType: { elemType: FLOAT, shape: { dim: [{}, {}] } } } }],
    initializer: [
      constant('bands', INT64, BANDS), constant('length', INT64, LENGTH), constant('rate', INT64, RATE),
      constant('lower', FLOAT, 0), constant('upper', FLOAT, UPPER),
    ],
    node: [{ opType: 'MelWeightMatrix', input: ['bands', 'length', 'rate', 'lower', 'upper'], output: ['y'] }],
  },
}).finish();

const mel = (hertz) => 2595 * Math.log10(1 + hertz / 700);
const hertz = (mels) => 700 * (10 ** (mels / 2595) - 1);

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const session = await ort.InferenceSession.create(model);
  const { data } = (await session.run({})).y;
  const bins = LENGTH / 2 + 1;
  const weighted = [...Array(bins).keys()].filter((bin) => data.slice(bin * BANDS, (bin + 1) * BANDS).some((w) => w > 0));
  const top = (weighted.at(-1) * RATE) / LENGTH;
  const right = hertz(mel(UPPER));
  const short = hertz((mel(UPPER) * (BANDS + 1)) / (BANDS + 2));
  console.log(`highest frequency with a weight: ${top.toFixed(0)} Hz of ${UPPER} Hz asked for`);
  console.log(`last corner with ${BANDS + 1} steps: ${right.toFixed(0)} Hz, with ${BANDS + 2} steps: ${short.toFixed(0)} Hz`);
  if (top > 2750 || top < 2600) {
    console.error('The behaviour has changed: the last filter ends elsewhere.');
    process.exit(1);
  }
  console.log('Still so: the last filter ends one step of mel below the edge.');
})();
EOF
node probe.cjs
