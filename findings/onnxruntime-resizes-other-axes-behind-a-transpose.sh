#!/usr/bin/env bash
# A Resize that names its axes enlarges other axes behind a Transpose in ONNX Runtime, or is refused.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: since opset 18 Resize has `axes`, and sizes belong to these axes in the order given, with and without optimisation.
# Seen: with the default optimisation (from "extended" on) the Transpose moves past the Resize: the sizes change places, the axes do not. With all axes
# named, the last two exchanged, another axis is enlarged and the output has another shape. With height and width alone, the use the attribute was made
# for, session creation fails: "Number of elements of input 'sizes' (0) does not match the number of axes (2)". Without the attribute it is right.
# Why it matters: pictures come as height x width x channels and are brought to the size of the network inside the model; the Transpose is that change
# of order. The message speaks of a model that nobody has written.
# Output seen: 1 x 2 x 4 x 4, twice as wide: 1 x 2 x 4 x 8; optimised 1 x 8 x 2 x 4; with two axes the error.
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
const enlarge = (optimisation, sizes, axes) =>
  run(
    optimisation,
    { x: new ort.Tensor('float32', Float32Array.from({ length: 32 }, (_, i) => i), [1, 2, 4, 4]) },
    { sizes: ['int64', [sizes.length], sizes] },
    [
      ['Transpose', ['x'], 't', { perm: [0, 2, 3, 1] }],
      ['Resize', ['t', '', '', 'sizes'], 'r', { mode: 'nearest', ...(axes ? { axes } : {}) }],
      ['Transpose', ['r'], 'y', { perm: [0, 3, 1, 2] }],
    ],
  ).then(
    (text) => text.split(':')[0],
    (error) => `refused, ${error.message}`,
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [];
  for (const [what, ...how] of [
    ['no axes named', [1n, 4n, 8n, 2n]],
    ['axes 0, 1, 3, 2', [1n, 4n, 2n, 8n], [0, 1, 3, 2]],
    ['axes 1, 2', [4n, 8n], [1, 2]],
  ]) {
    seen.push(await enlarge('disabled', ...how), await enlarge('all', ...how));
    console.log(`${what}: not optimised ${seen.at(-2)}; optimised ${seen.at(-1)}`);
  }
  if ([0, 1, 2, 4].some((i) => seen[i] !== '1 x 2 x 4 x 8')) throw new Error('the other models are not what this probe expects');
  if (seen[3] !== '1 x 8 x 2 x 4' || !seen[5].startsWith('refused')) {
    console.error('The behaviour has changed: the sizes belong to the axes.');
    process.exit(1);
  }
  console.log('Still so: the sizes change places and the axes do not.');
})();
EOF
node probe.cjs
