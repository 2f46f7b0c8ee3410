#!/usr/bin/env bash
# ONNX Runtime drops the Transpose in front of a MatMul with a vector: the matrix is multiplied as it was.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: for x = [[1, 2], [3, 4]], the transpose of x times the vector (1, 10) is (31, 42), with and without optimisation.
# Seen: with the default optimisation (from "extended" on) it is (21, 43), which is x times the vector. The Transpose is fused into the MatMul, and
# its flag has no effect when a vector stands to its right. With the vector as a 2 x 1 matrix the answer is right. So it is for batches of matrices
# too. A matrix that is not square gives sums over the wrong numbers and no error: its shape was inferred before the fusion.
# Why it matters: attention pooling, class activation maps and linear probes multiply a transposed map by one vector. The answer has the right shape
# and plausible numbers.
# Output seen: not optimised 31, 42; optimised 21, 43; optimised with the vector as a matrix 31, 42. Three rows of two: 54, 66 and 33, 69.
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
const multiply = (optimisation, rows, columns, vector, vectorShape) =>
  run(
    optimisation,
    new ort.Tensor('float32', Array.from({ length: rows * columns }, (_, i) => i + 1), [rows, columns]),
    { vector: ['float32', vectorShape, vector] },
    [['Transpose', ['x'], 'turned', { perm: [1, 0] }], ['MatMul', ['turned', 'vector'], 'y']],
  );

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const plain = (await multiply('disabled', 2, 2, [1, 10], [2])).values;
  const optimised = (await multiply('all', 2, 2, [1, 10], [2])).values;
  const matrix = (await multiply('all', 2, 2, [1, 10], [2, 1])).values;
  console.log(`not optimised ${plain}; optimised ${optimised}; optimised with the vector as a matrix ${matrix}`);
  const long = [await multiply('disabled', 3, 2, [1, 1, 10], [3]), await multiply('all', 3, 2, [1, 1, 10], [3])].map(({ values }) => values);
  console.log(`three rows of two: not optimised ${long[0]}; optimised ${long[1]}`);
  // By hand: 1 + 3 * 10, 2 + 4 * 10; and for 1 to 6 in three rows 1 + 3 + 5 * 10, 2 + 4 + 6 * 10.
  if (plain !== '31, 42' || matrix !== plain || long[0] !== '54, 66') throw new Error('the unoptimised model is not what this probe expects');
  if (optimised !== '21, 43' || long[1] === long[0]) {
    console.error('The behaviour has changed: the matrix is transposed.');
    process.exit(1);
  }
  console.log('Still so: the transposition is lost.');
})();
EOF
node probe.cjs
