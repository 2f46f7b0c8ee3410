#!/usr/bin/env bash
# Linear Resize of bytes in ONNX Runtime drops the fraction; the same operator with antialias = 1 rounds to nearest.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: one rounding rule for uint8 results, whichever filter is used; `antialias` has no effect on enlarging, as its description says
# that it matters for downsampling only.
# Seen: without antialias the interpolated value is cut towards zero (57.69 becomes 57, 10.75 becomes 10), so pictures get darker by half
# a grey level on average. With antialias = 1, enlarging the same bytes gives the rounded values. Cubic is stranger still: the model
# with uint8 loads without complaint and every run raises an error about the element type, unless antialias = 1.
# Why it matters: half a level is the size of effect that a preprocessing pipeline in the graph is compared at, and the switch that
# mends it looks unrelated.
# Output seen: float 10,10.25,10.75,11; uint8 10,10,10,11; uint8 with antialias 10,10,11,11; cubic raises an error / works.
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

const INT64 = 7, TYPES = { float32: 1, uint8: 2 };
const value = (name, elemType, width) => ({
  name, type: { tensorType: { elemType, shape: { dim: [1, 1, 1, width].map((dimValue) => ({ dimValue })) } } },
});

/** Enlarges the row 10, 11 to four pixels. */
const enlarge = async (type, mode, antialias) => {
  const model = onnx.ModelProto.encode({
    irVersion: 9,
    opsetImport: [{ version: 19 }],
    graph: {
      name: 'enlarge',
      input: [value('x', TYPES[type], 2)],
      output: [value('y', TYPES[type], 4)],
      initializer: [{ name: 'sizes', dataType: INT64, dims: [4], int64Data: [1, 1, 1, 4] }],
      node: [{
        opType: 'Resize', input: ['x', '', '', 'sizes'], output: ['y'],
        attribute: [{ name: 'mode', type: 3, s: Buffer.from(mode) }, { name: 'antialias', type: 2, i: antialias }],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 4 });
  const x = new ort.Tensor(type, type === 'uint8' ? Uint8Array.of(10, 11) : Float32Array.of(10, 11), [1, 1, 1, 2]);
  return session.run({ x }).then(({ y }) => [...y.data].join(','), () => 'raises an error');
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const exact = await enlarge('float32', 'linear', 0);
  const cut = await enlarge('uint8', 'linear', 0);
  const rounded = await enlarge('uint8', 'linear', 1);
  const cubic = await enlarge('uint8', 'cubic', 0);
  const cubicAntialiased = await enlarge('uint8', 'cubic', 1);
  console.log('linear, float                ', exact);
  console.log('linear, uint8                ', cut);
  console.log('linear, uint8, antialias = 1 ', rounded);
  console.log('cubic, uint8                 ', cubic);
  console.log('cubic, uint8, antialias = 1  ', cubicAntialiased);
  if (exact !== '10,10.25,10.75,11' || cut !== '10,10,10,11' || rounded !== '10,10,11,11') {
    console.error('The behaviour has changed: linear Resize of bytes no longer truncates, or antialias no longer rounds.');
    process.exit(1);
  }
  if (cubic !== 'raises an error' || cubicAntialiased === cubic) {
    console.error('The behaviour has changed: cubic Resize of bytes no longer depends on antialias.');
    process.exit(1);
  }
  console.log('Still so: bytes are truncated, and rounded once antialias is asked for.');
})();
EOF
node probe.cjs
