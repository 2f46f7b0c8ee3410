#!/usr/bin/env bash
# MaxPool of minus infinity is -3.4e38 in ONNX Runtime, and minus infinity as soon as the second output, the indices, is asked for.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the maximum of a window of minus infinities is minus infinity, as in PyTorch, in NumPy and in ReduceMax of ONNX Runtime itself. Indices
# are a second answer, and do not change the first.
# Seen: without indices MaxPool and GlobalMaxPool of float32 answer -3.4028234663852886e+38, the lowest finite number; with indices, with a dilation
# of 2 or in float64 MaxPool answers minus infinity.
# Why it matters: maps are masked with minus infinity before they are pooled. What was "nothing here" is finite afterwards: tests for infinity miss
# it, an average of the map is -1e37, and exporting a model with one more output changes the first one.
# Output seen: MaxPool -3.4028234663852886e+38, with indices -Infinity; GlobalMaxPool -3.4028234663852886e+38; ReduceMax -Infinity.
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
const INPUT = [-Infinity, -Infinity, -Infinity, 5];
const ints = (name, values) => ({ name, type: 7, ints: values });
const run = async (what, opType, attribute, outputs = ['y']) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'pool',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, 4].map((dimValue) => ({ dimValue })) } } } }],
      output: outputs.map((name) => ({ name, type: { tensorType: { elemType: name === 'y' ? FLOAT : 7 } } })),
      node: [{ opType, input: ['x'], output: outputs, attribute }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const input = opType === 'MaxPool' ? INPUT : INPUT.map(() => -Infinity);
  const first = (await session.run({ x: new ort.Tensor('float32', input, [1, 1, 4]) })).y.data[0];
  console.log(`${what}: ${first}`);
  return first;
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const LOWEST = -3.4028234663852886e38;
  const plain = await run('MaxPool', 'MaxPool', [ints('kernel_shape', [2])]);
  const indices = await run('MaxPool with indices', 'MaxPool', [ints('kernel_shape', [2])], ['y', 'at']);
  const dilated = await run('MaxPool with dilation 2', 'MaxPool', [ints('kernel_shape', [2]), ints('dilations', [2])]);
  const global = await run('GlobalMaxPool', 'GlobalMaxPool', []);
  const reduced = await run('ReduceMax', 'ReduceMax', []);
  if (indices !== -Infinity || dilated !== -Infinity || reduced !== -Infinity) throw new Error('the other maxima are not what this probe expects');
  if (plain !== LOWEST || global !== LOWEST) {
    console.error('The behaviour has changed: the maximum of minus infinities is another one.');
    process.exit(1);
  }
  console.log('Still so: the maximum of minus infinities is the lowest finite number.');
})();
EOF
node probe.cjs
