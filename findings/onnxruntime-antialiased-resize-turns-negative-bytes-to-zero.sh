#!/usr/bin/env bash
# An antialiased Resize of int8 answers 0 for every negative number in ONNX Runtime; without antialias it does not.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the mean of equal numbers is that number. A map that is -8 everywhere stays at -8 when it is halved, in any type that holds it.
# Seen: int8 [-8, -8, -8, -8] halved with antialias = 1 is [0, 0]; with antialias = 0, or in int32 or float32, [-8, -8]. The result is
# clamped to 0 and 255 as for uint8, whatever the sign of the type. Enlarging does the same, linear and cubic alike.
# Why it matters: quantised activations with a zero point are int8, about half of them negative. A Resize between two quantised
# convolutions loses all of these, and the layer looks like one with a ReLU.
# Output seen: int8 antialias 0: -8,-8; int8 antialias 1: 0,0; int32 antialias 1: -8,-8.
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

const TYPES = { int8: [3, Int8Array], int32: [6, Int32Array] };
const INT64 = 7;

/** A row of four equal numbers, halved. */
const halve = async (type, antialias) => {
  const [elemType, Typed] = TYPES[type];
  const value = (name, width) => ({
    name, type: { tensorType: { elemType, shape: { dim: [1, 1, 1, width].map((dimValue) => ({ dimValue })) } } },
  });
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 18 }],
    graph: {
      name: 'halve',
      input: [value('x', 4)],
      output: [value('y', 2)],
      initializer: [{ name: 'sizes', dataType: INT64, dims: [4], int64Data: [1, 1, 1, 2] }],
      node: [{
        opType: 'Resize', input: ['x', '', '', 'sizes'], output: ['y'],
        attribute: [{ name: 'mode', type: 3, s: Buffer.from('linear') }, { name: 'antialias', type: 2, i: antialias }],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { y } = await session.run({ x: new ort.Tensor(type, Typed.from([-8, -8, -8, -8]), [1, 1, 1, 4]) });
  console.log(`${type}, antialias ${antialias}: ${[...y.data]}`);
  return y.data.join();
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [await halve('int8', 0), await halve('int8', 1), await halve('int32', 1)];
  if (seen.join(' ') !== '-8,-8 0,0 -8,-8') {
    console.error('The behaviour has changed: negative bytes survive an antialiased Resize, or no Resize.');
    process.exit(1);
  }
  console.log('Still so: antialiasing turns negative bytes to 0.');
})();
EOF
node probe.cjs
