#!/usr/bin/env bash
# When each row of an integer product has a scale of its own, ONNX Runtime adds the bias before it multiplies: a bias of 100 becomes 1000.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: MatMulInteger, Cast, Mul by the scales, Add of the bias: the bias is added to what has been scaled, with and without optimisation.
# Seen: with the default optimisation (from "extended" on) row i of the bias is multiplied by the scale of row i. The integer product and the bias are
# fused into one operator, which can hold a scale of the whole or of each column; a scale of each row is left behind it as a Mul, and so behind the
# bias. With one scale for all rows the results agree.
# Why it matters: a scale of each row is how activations are quantised per token and per image of a batch. Quantised this way, a layer's bias moves
# with the brightness of the input, which looks like bad calibration and not like a rewritten graph.
# Output seen: products (1, 2, 3) and (3, 4, 7), scales 1 and 10, bias 100, 200, 300: 101, 202, 303 and 130, 240, 370; optimised 1030, 2040, 3070 in row 2.
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
const attribute = ([name, value]) => {
  if (typeof value === 'string') return { name, type: 3, s: Buffer.from(value) };
  return Array.isArray(value) ? { name, type: 7, ints: value } : { name, type: 2, i: value };
};
/** Runs nodes [operator, inputs, output, attributes] on tensors up to the output y, with and without optimisation. */
const run = async (optimisation, feeds, constants, nodes) => {
  const model = onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'probe',
      input: Object.entries(feeds).map(([name, { type, dims }]) => ({
        name, type: { tensorType: { elemType: TYPES[type][0], shape: { dim: dims.map((dimValue) => ({ dimValue })) } } },
      })),
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
  const { y } = await session.run(feeds);
  return `${y.dims.join(' x ')}: ${[...y.data].map((value) => +value.toPrecision(4) || 0).join(', ')}`;
};
const layer = (optimisation, dims, scales) =>
  run(
    optimisation,
    { codes: new ort.Tensor('uint8', [1, 2, 3, 4], [2, 2]), scale: new ort.Tensor('float32', scales, dims) },
    {
      weights: ['int8', [2, 3], [1, 0, 1, 0, 1, 1]],
      weightScale: ['float32', [3], [1, 1, 1]],
      bias: ['float32', [3], [100, 200, 300]],
    },
    [
      ['MatMulInteger', ['codes', 'weights'], 'sums'],
      ['Cast', ['sums'], 'real', { to: 1 }],
      ['Mul', ['scale', 'weightScale'], 'scales'],
      ['Mul', ['real', 'scales'], 'scaled'],
      ['Add', ['scaled', 'bias'], 'y'],
    ],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [];
  for (const [what, dims, scales] of [['one scale, 10', [1], [10]], ['scales of rows, 1 and 10', [2, 1], [1, 10]]]) {
    seen.push(await layer('disabled', dims, scales), await layer('all', dims, scales));
    console.log(`${what}: not optimised ${seen.at(-2)}; optimised ${seen.at(-1)}`);
  }
  // By hand: [[1, 2], [3, 4]] times [[1, 0, 1], [0, 1, 1]] is [[1, 2, 3], [3, 4, 7]].
  if (seen[0] !== '2 x 3: 110, 220, 330, 130, 240, 370' || seen[1] !== seen[0] || seen[2] !== '2 x 3: 101, 202, 303, 130, 240, 370')
    throw new Error('the other models are not what this probe expects');
  if (seen[3] !== '2 x 3: 101, 202, 303, 1030, 2040, 3070') {
    console.error('The behaviour has changed: the bias is added to what has been scaled.');
    process.exit(1);
  }
  console.log('Still so: the bias of a row is multiplied by its scale.');
})();
EOF
node probe.cjs
