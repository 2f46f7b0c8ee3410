#!/usr/bin/env bash
# onnxruntime-node computes on the calling thread, and yet reads the input only after run() has returned its promise.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: one of two designs. Either run() blocks, then the input is free again when it returns; or it works on another thread, then
# the event loop goes on meanwhile.
# Seen: neither. run() puts the work off to the next turn of the event loop and then blocks that turn. What is written into the input
# array in between is what gets computed: two runs that are started one after the other on one buffer, filled anew for the second, both
# give the result of the second.
# Why it matters: filling the one large input buffer for the next image while the last one "is running" is the obvious way to save
# memory. It fails every time, without an error, and gives plausible scores that belong to another image.
# Output seen: runs started on 1 and on 2 give 2 and 2; awaited one by one 1 and 2.
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
  const buffer = new Float32Array(1);
  const start = (number) => {
    buffer[0] = number;
    return session.run({ x: new ort.Tensor('float32', buffer, [1]) });
  };
  const result = ({ y }) => y.data[0];

  const together = (await Promise.all([start(1), start(2)])).map(result);
  const oneByOne = [result(await start(1)), result(await start(2))];
  console.log('started one after the other, then awaited:', together.join(','));
  console.log('each awaited before the next:             ', oneByOne.join(','));
  if (oneByOne.join() !== '1,2') throw new Error('runs that are awaited give something else than this probe expects');
  if (together.join() !== '2,2') {
    console.error('The behaviour has changed: the input is now read (or copied) before run() returns.');
    process.exit(1);
  }
  console.log('Still so: the input is read after run() has returned.');
})();
EOF
node probe.cjs
