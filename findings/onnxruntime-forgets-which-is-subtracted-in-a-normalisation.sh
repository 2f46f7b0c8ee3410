#!/usr/bin/env bash
# In ONNX Runtime (mean - x) / deviation is (x - mean) / deviation, and deviation / (x - mean) is that too.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: Sub and Div take their operands in order, with and without optimisation.
# Seen: with the default optimisation (from "basic" on) the operators are fused into one LayerNormalization if the right ones meet, whichever side they
# stand on: with the mean minus x, which is as good for the variance, the result has the opposite sign, and the reciprocal of a normalised value becomes
# the normalised value. Only Sub of x and the mean divided by the deviation is right.
# Why it matters: distances below the mean, and ratios of the spread to a difference (a coefficient of variation, a signal-to-noise ratio), are written
# like this by hand. The answer has the right size and shape, which no check of ranges tells.
# Output seen: of 1, 2, 6 mean - x: 0.9258, 0.4629, -1.3887, optimised -0.9258, -0.4629, 1.3887; the reciprocal: -1.0801, -2.1602, 0.7201, optimised the
# same -0.9258, -0.4629, 1.3887.
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
const normalise = (optimisation, difference, quotient) =>
  run(
    optimisation,
    { x: new ort.Tensor('float32', [1, 2, 6], [1, 3]) },
    {
      two: ['float32', [], [2]],
      tiny: ['float32', [], [1e-5]],
      axis: ['int64', [1], [-1n]],
      scale: ['float32', [3], [1, 1, 1]],
      bias: ['float32', [3], [0, 0, 0]],
    },
    [
      ['ReduceMean', ['x', 'axis'], 'mean'],
      ['Sub', difference, 'd'],
      ['Pow', ['d', 'two'], 'square'],
      ['ReduceMean', ['square', 'axis'], 'variance'],
      ['Add', ['variance', 'tiny'], 'v'],
      ['Sqrt', ['v'], 'deviation'],
      ['Div', quotient, 'q'],
      ['Mul', ['q', 'scale'], 'scaled'],
      ['Add', ['scaled', 'bias'], 'y'],
    ],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [];
  for (const [what, difference, quotient] of [
    ['(x - mean) / deviation', ['x', 'mean'], ['d', 'deviation']],
    ['(mean - x) / deviation', ['mean', 'x'], ['d', 'deviation']],
    ['deviation / (x - mean)', ['x', 'mean'], ['deviation', 'd']],
  ]) {
    seen.push(await normalise('disabled', difference, quotient), await normalise('all', difference, quotient));
    console.log(`${what}: not optimised ${seen.at(-2)}; optimised ${seen.at(-1)}`);
  }
  // By hand: the mean of 1, 2, 6 is 3 and the deviation the root of 14 / 3.
  const usual = '1 x 3: -0.9258, -0.4629, 1.389';
  if (seen[0] !== usual || seen[1] !== usual || seen[2] !== '1 x 3: 0.9258, 0.4629, -1.389' || seen[4] !== '1 x 3: -1.08, -2.16, 0.7201')
    throw new Error('the other models are not what this probe expects');
  if (seen[3] !== usual || seen[5] !== usual) {
    console.error('The behaviour has changed: the order of the operands counts.');
    process.exit(1);
  }
  console.log('Still so: all three are taken for the first.');
})();
EOF
node probe.cjs
