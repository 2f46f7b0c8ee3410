#!/usr/bin/env bash
# ONNX Runtime fuses weights quantised along any axis as if it were the one of the output channels: scales of rows become scales of columns.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: DequantizeLinear with axis 0 in front of a MatMul gives each row of the weights, that is each input, its own scale, whatever
# optimisation does with it.
# Seen: with the default optimisation (from "extended" on) the operators between quantisers become one integer operator that knows scales of output
# channels only, and the axis is not looked at. Square weights give other numbers without an error, others fail in run(). Gemm does so too, with
# transB for axis 1, and Conv for the axes 1, 2 and 3. Along the axis of the output channels all is right.
# Why it matters: scales of input channels are what smoothing and outlier-aware quantisation propose. Simulated without optimisation such a network
# is what it should be, deployed it is something else.
# Output seen: MatMul, axis 0: 13, 18, 27, 38 without and 7, 20, 15, 44 with optimisation; axis 1: 7, 20, 15, 44 in both; Conv, axis 2: 9, 18 and 5,
# 20.
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

const TYPES = { float32: [1, Float32Array], uint8: [2, Uint8Array], int8: [3, Int8Array], int32: [6, Int32Array], int64: [7, BigInt64Array] };
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
const fused = (optimisation, operator, x, shape, codes, axis) =>
  run(
    optimisation,
    new ort.Tensor('float32', x, x.length === 2 ? [1, 1, 2, 1] : [2, 2]),
    {
      step: ['float32', [], [0.1]],
      zero: ['uint8', [], [0]],
      scales: ['float32', [2], [0.1, 0.2]],
      zeros: ['int8', [2], [0, 0]],
      weights: ['int8', shape, codes],
      outputStep: ['float32', [], [0.5]],
    },
    [
      ['QuantizeLinear', ['x', 'step', 'zero'], 'codes'],
      ['DequantizeLinear', ['codes', 'step', 'zero'], 'real'],
      ['DequantizeLinear', ['weights', 'scales', 'zeros'], 'realWeights', { axis }],
      [operator, ['real', 'realWeights'], 'result'],
      ['QuantizeLinear', ['result', 'outputStep', 'zero'], 'resultCodes'],
      ['DequantizeLinear', ['resultCodes', 'outputStep', 'zero'], 'y'],
    ],
  ).then(({ values }) => values);

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const matrix = [[1, 2, 3, 4], [2, 2], [10, 20, 30, 40]];
  const kernel = [[1, 2], [2, 1, 2, 1], [10, 20, 20, 40]];
  const seen = [];
  for (const [operator, data, axis] of [['MatMul', matrix, 1], ['MatMul', matrix, 0], ['Gemm', matrix, 0], ['Conv', kernel, 2]]) {
    seen.push([await fused('disabled', operator, ...data, axis), await fused('all', operator, ...data, axis)]);
    console.log(`${operator}, axis ${axis}: not optimised ${seen.at(-1)[0]}; optimised ${seen.at(-1)[1]}`);
  }
  // By hand. Rows: [[1, 2], [6, 8]], columns: [[1, 4], [3, 8]]. Kernels: (1, 4) and (2, 8) by place, (1, 2) and (4, 8) by output channel.
  const right = ['7, 20, 15, 44', '13, 18, 27, 38', '13, 18, 27, 38', '9, 18'];
  if (seen.some(([plain], i) => plain !== right[i]) || seen[0][1] !== right[0])
    throw new Error('the unoptimised model is not what this probe expects');
  if (seen[1][1] !== right[0] || seen[2][1] !== right[0] || seen[3][1] !== '5, 20') {
    console.error('The behaviour has changed: the axis of the scales is respected.');
    process.exit(1);
  }
  console.log('Still so: the axis of the scales is not looked at.');
})();
EOF
node probe.cjs
