#!/usr/bin/env bash
# Softmax over an axis of one element is 1; between quantisers ONNX Runtime makes it 0.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: exp(x) / exp(x) = 1, and as uint8 with the step 1 / 200 the code 200, as without optimisation.
# Seen: with the default optimisation the quantisers and the Softmax are fused into one integer operator, and every answer is 0, with uint8 and int8
# alike. From two elements on it is right.
# Why it matters: attention in which a token may see only itself, as the first one of a sequence kept with a cache, has one position, and so has a
# detector of one class. Quantised, all its weight is gone, and nothing is NaN.
# Output seen: one element: not optimised 1, optimised 0; two equal ones 0.5 in both.
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

const TYPES = { float32: [1, Float32Array], uint8: [2, Uint8Array], int8: [3, Int8Array], int64: [7, BigInt64Array] };
const attribute = ([name, value]) => (Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 2, i: value });
/** Runs nodes [operator, inputs, output, attributes] on the input x, up to the output y, with and without optimisation. */
const run = async (optimisation, x, constants, nodes) => {
  const model = onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'probe',
      input: [{ name: 'x', type: { tensorType: { elemType: TYPES[x.type][0], shape: { dim: x.dims.map((dimValue) => ({ dimValue })) } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: 1 } } }],
      initializer: Object.entries(constants).map(([name, [type, dims, values]]) => ({
        name, dims, dataType: TYPES[type][0], rawData: Buffer.from(TYPES[type][1].from(values).buffer),
      })),
      node: nodes.map(([opType, input, output, attributes = {}]) => ({
        opType, input, output: [output], attribute: Object.entries(attributes).map(attribute),
      })),
    },
  }).finish();
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel: optimisation, logSeverityLevel: 4 });
  const { y } = await session.run({ x });
  return { shape: y.dims.join(' x '), values: [...y.data].map((value) => +value.toPrecision(4) || 0).join(', ') };
};
const softmax = (optimisation, type, zero, elements) =>
  run(
    optimisation,
    new ort.Tensor('float32', new Float32Array(elements).fill(2), [1, elements]),
    {
      step: ['float32', [], [0.1]],
      zero: [type, [], [zero]],
      outputStep: ['float32', [], [1 / 200]],
      outputZero: [type, [], [type === 'int8' ? -100 : 0]],
    },
    [
      ['QuantizeLinear', ['x', 'step', 'zero'], 'codes'],
      ['DequantizeLinear', ['codes', 'step', 'zero'], 'real'],
      ['Softmax', ['real'], 'shares', { axis: 1 }],
      ['QuantizeLinear', ['shares', 'outputStep', 'outputZero'], 'shareCodes'],
      ['DequantizeLinear', ['shareCodes', 'outputStep', 'outputZero'], 'y'],
    ],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [];
  for (const [type, zero, elements] of [['uint8', 128, 1], ['uint8', 128, 2], ['int8', 0, 1]]) {
    const [plain, optimised] = [await softmax('disabled', type, zero, elements), await softmax('all', type, zero, elements)];
    console.log(`${type}, ${elements} element(s): not optimised ${plain.values}; optimised ${optimised.values}`);
    seen.push(plain.values, optimised.values);
  }
  if (seen[0] !== '1' || seen[2] !== '0.5, 0.5' || seen[3] !== seen[2] || seen[4] !== '1')
    throw new Error('the other answers are not what this probe expects');
  if (seen[1] !== '0' || seen[5] !== '0') {
    console.error('The behaviour has changed: the softmax of one element is 1.');
    process.exit(1);
  }
  console.log('Still so: the softmax of one element is 0.');
})();
EOF
node probe.cjs
