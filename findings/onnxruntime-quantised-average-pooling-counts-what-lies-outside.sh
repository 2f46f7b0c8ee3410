#!/usr/bin/env bash
# Between quantisers, average pooling of ONNX Runtime divides the cut windows of ceil_mode by the full window, and dilated pooling does not load.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: what lies beyond the padding is not counted, not even with count_include_pad, which is about the padding: "the pad pixels". So a map of
# eights stays eights when the last window is cut, as AveragePool of floats and PyTorch have it.
# Seen: quantised and with the default optimisation the last row and column of 5 x 5 eights in windows of two are 4, and their corner 2. Not
# optimised all are 8. The float operator was corrected in 2023; the integer operator that replaces it was not. It has no dilations either: a model
# with them loads without optimisation and ends with "invalid model" with it.
# Why it matters: the quantised network loses half of the last row at each such pooling and nobody looks for quantisation errors there. Whoever
# compares the accuracy before and after quantisation blames the bits.
# Output seen: 8, 8, 8 / 8, 8, 8 / 8, 8, 8 and 8, 8, 4 / 8, 8, 4 / 4, 4, 2.
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
const pool = (optimisation, attributes) =>
  run(
    optimisation,
    new ort.Tensor('float32', new Float32Array(25).fill(8), [1, 1, 5, 5]),
    { step: ['float32', [], [0.1]], zero: ['uint8', [], [0]] },
    [
      ['QuantizeLinear', ['x', 'step', 'zero'], 'codes'],
      ['DequantizeLinear', ['codes', 'step', 'zero'], 'real'],
      ['AveragePool', ['real'], 'means', attributes],
      ['QuantizeLinear', ['means', 'step', 'zero'], 'meanCodes'],
      ['DequantizeLinear', ['meanCodes', 'step', 'zero'], 'y'],
    ],
  ).then(({ values }) => values, () => 'error');

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const cut = { kernel_shape: [2, 2], strides: [2, 2], ceil_mode: 1, count_include_pad: 1 };
  const dilated = { kernel_shape: [2, 2], dilations: [2, 2] };
  const seen = [];
  for (const [name, attributes] of [['cut windows', cut], ['dilated windows', dilated]]) {
    seen.push(await pool('disabled', attributes), await pool('all', attributes));
    console.log(`${name}: not optimised ${seen.at(-2)}; optimised ${seen.at(-1)}`);
  }
  const eights = Array(9).fill(8).join(', ');
  if (seen[0] !== eights || seen[2] !== eights) throw new Error('the unoptimised model is not what this probe expects');
  if (seen[1] !== '8, 8, 4, 8, 8, 4, 4, 4, 2' || seen[3] !== 'error') {
    console.error('The behaviour has changed: quantised pooling is what float pooling is.');
    process.exit(1);
  }
  console.log('Still so: a cut window is divided by the full one, and dilation does not load.');
})();
EOF
node probe.cjs
