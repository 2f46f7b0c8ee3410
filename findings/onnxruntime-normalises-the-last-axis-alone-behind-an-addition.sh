#!/usr/bin/env bash
# A LayerNormalization over several axes normalises the last one alone in ONNX Runtime if its input is a sum.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: LayerNormalization takes mean and variance over all axes from `axis` on; its scale need only be broadcast to them ("unidirectional
# broadcastable"), so that one number for each element of the last axis is enough.
# Seen: with the default optimisation (from "extended" on) Add and LayerNormalization are fused into one SkipLayerNormalization, which has no axis: every
# row gets a mean and a variance of its own. A scale of the whole shape, or anything but an Add in front, and the result is right; a scale of one
# element makes the session fail when it runs.
# Why it matters: normalising over channel, height and width behind a residual connection is just this. Differences between the rows, which part of a
# picture is bright, are normalised away.
# Output seen: 1, 2, 3, 4 as 2 x 2 from axis 1: -1.342, -0.4472, 0.4472, 1.342; behind an Add, optimised: -1, 1, -1, 1.
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
const normalise = (optimisation, first, scale) =>
  run(
    optimisation,
    { x: new ort.Tensor('float32', [1, 2, 3, 4], [1, 2, 2]), z: new ort.Tensor('float32', [0, 0, 0, 0], [1, 2, 2]) },
    { scale },
    [[first, ['x', 'z'], 'sum'], ['LayerNormalization', ['sum', 'scale'], 'y', { axis: 1 }]],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const row = ['float32', [2], [1, 1]], whole = ['float32', [2, 2], [1, 1, 1, 1]];
  const seen = [];
  for (const [what, ...model] of [
    ['behind Sub', 'Sub', row],
    ['behind Add, scale of 2 x 2', 'Add', whole],
    ['behind Add, scale of 2', 'Add', row],
  ]) {
    seen.push(await normalise('disabled', ...model), await normalise('all', ...model));
    console.log(`${what}: not optimised ${seen.at(-2)}; optimised ${seen.at(-1)}`);
  }
  // By hand: the mean of 1, 2, 3, 4 is 2.5 and the deviation the root of 1.25.
  if (seen.slice(0, 5).some((text) => text !== '1 x 2 x 2: -1.342, -0.4472, 0.4472, 1.342'))
    throw new Error('the other models are not what this probe expects');
  if (seen[5] !== '1 x 2 x 2: -1, 1, -1, 1') {
    console.error('The behaviour has changed: all axes from axis 1 on are normalised together.');
    process.exit(1);
  }
  console.log('Still so: each row is normalised for itself.');
})();
EOF
node probe.cjs
