#!/usr/bin/env bash
# onnxruntime-node writes its result into the output tensor that it is given, and then returns another one that holds a copy.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: run(feeds, { y: tensor }) takes a tensor to write to so that nothing is allocated; what it returns under `y` is that tensor.
# Seen: the given tensor holds the result, and so does a second one, over memory of its own, that is made with every call.
# Why it matters: tensors are handed in to save memory and copies where activations of megabytes are read image after image. The room
# is saved by neither: each call still allocates and copies the whole.
# Output seen: given 3, returned 3; same tensor false; same memory false.
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
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 1 }] } } } });
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: { name: 'same', input: [value('x')], output: [value('y')], node: [{ opType: 'Relu', input: ['x'], output: ['y'] }] },
}).finish();

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const session = await ort.InferenceSession.create(model);
  const given = new ort.Tensor('float32', new Float32Array(1), [1]);
  const { y } = await session.run({ x: new ort.Tensor('float32', Float32Array.of(3), [1]) }, { y: given });
  console.log(`given ${given.data[0]}, returned ${y.data[0]}`);
  console.log('same tensor:', y === given, ' same memory:', y.data.buffer === given.data.buffer);
  if (given.data[0] !== 3 || y.data[0] !== 3) throw new Error('the result is not where this probe expects it');
  if (y.data.buffer === given.data.buffer) {
    console.error('The behaviour has changed: what is returned lies in the memory that was given.');
    process.exit(1);
  }
  console.log('Still so: the given tensor is filled, and a copy is returned.');
})();
EOF
node probe.cjs
