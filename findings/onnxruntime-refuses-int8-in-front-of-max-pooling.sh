#!/usr/bin/env bash
# ONNX Runtime cannot load a model that dequantises int8 in front of MaxPool, Reshape or Transpose, unless its optimisers are turned off.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: QuantizeLinear, DequantizeLinear, MaxPool with one int8 zero point is a valid model of opset 21, and optimisers change speed, not
# validity. With uint8, with opset 20 and without optimisers it loads, and gives the right numbers.
# Seen: from opset 21 on creating the session fails with "output_dtype INT8 does not match y_zero_point type UINT8", although nothing in the model is
# uint8 and nothing names output_dtype: an optimiser adds a pair of nodes behind MaxPool and types their zero point wrongly. So do Reshape, Transpose,
# Squeeze and Slice.
# Why it matters: a network quantised to int8 loads until its opset is raised to 21. The message points at a node that the model does not have.
# Output seen: opset 20 int8 loads, opset 21 uint8 loads, opset 21 int8 is refused, opset 21 int8 without optimisers loads; all that load give 0.5, 2.
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
const TYPES = { uint8: 2, int8: 3 };
const INPUT = [0.6, -3, 1.9, 0.2];
const run = async (type, opset, opType, graphOptimizationLevel) => {
  const attribute = opType === 'MaxPool' ? [{ name: 'kernel_shape', type: 7, ints: [2] }, { name: 'strides', type: 7, ints: [2] }] : [];
  const model = onnx.ModelProto.encode({
    irVersion: 9,
    opsetImport: [{ version: opset }],
    graph: {
      name: 'quantised',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, 4].map((dimValue) => ({ dimValue })) } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: [
        { name: 'scale', dataType: FLOAT, dims: [], floatData: [0.5] }, { name: 'zero', dataType: TYPES[type], dims: [], rawData: Buffer.from([3]) },
      ],
      node: [
        { opType: 'QuantizeLinear', input: ['x', 'scale', 'zero'], output: ['q'] },
        { opType: 'DequantizeLinear', input: ['q', 'scale', 'zero'], output: ['f'] },
        { opType, input: ['f'], output: ['y'], attribute },
      ],
    },
  }).finish();
  let seen;
  try {
    const session = await ort.InferenceSession.create(model, { graphOptimizationLevel });
    seen = [...(await session.run({ x: new ort.Tensor('float32', INPUT, [1, 1, 4]) })).y.data].join();
  } catch (error) {
    seen = error.message;
  }
  console.log(`${type}, opset ${opset}, ${opType}, optimisers ${graphOptimizationLevel}: ${seen}`);
  return seen;
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const refused = [await run('int8', 21, 'MaxPool', 'all'), await run('int8', 21, 'Transpose', 'all')];
  const grid = INPUT.map((number) => Math.max(-128, Math.min(127, Math.round(number / 0.5) + 3)) - 3).map((step) => step * 0.5);
  const wanted = [Math.max(grid[0], grid[1]), Math.max(grid[2], grid[3])].join();
  const others = [await run('int8', 20, 'MaxPool', 'all'), await run('uint8', 21, 'MaxPool', 'all'), await run('int8', 21, 'MaxPool', 'disabled')];
  if (others.some((seen) => seen !== wanted)) throw new Error('the other models are not what this probe expects');
  if (!refused.every((message) => message.includes('output_dtype INT8 does not match y_zero_point type UINT8'))) {
    console.error('The behaviour has changed: int8 in front of MaxPool is loaded.');
    process.exit(1);
  }
  console.log('Still so: with int8 and opset 21 the optimised model is refused.');
})();
EOF
node probe.cjs
