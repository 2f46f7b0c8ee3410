#!/usr/bin/env bash
# Integer sums of ONNX Runtime depend on the operator: Add and CumSum wrap around, ReduceSum stops at the largest integer and loses digits.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: integer types add as integers. 2,000,000,000 twice in int32 wraps to -294,967,296 everywhere, and int64 is exact.
# Seen: Add and the last element of CumSum give -294967296; ReduceSum over the same two numbers gives 2147483647. In int64 ReduceSum of
# 9007199254740993 and 0 gives 9007199254740992, though Add of the two is exact: reductions of integers run in double precision and are
# converted at the end. Pow of int64 does the same: 3 to the 39th ends in ...256 instead of ...267.
# Why it matters: who emulates an accumulator with integer operators, or checks for overflow by its sign, gets a wrapping or a saturating
# accumulator depending on how the addition happens to be written; sums of 64-bit counters are off by a few from 2^53.
# Output seen: see above.
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

const TYPES = { int32: [6, Int32Array, Number], int64: [7, BigInt64Array, BigInt] };

/** Runs one operator on integer vectors and answers with its last element, as text. */
const last = async (opType, type, ...vectors) => {
  const [elemType, Typed, convert] = TYPES[type];
  const value = (name, of) => ({ name, type: { tensorType: { elemType: of, shape: { dim: [{}] } } } });
  const input = vectors.map((_, i) => `v${i}`);
  const axis = opType === 'CumSum' ? ['axis'] : [];
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'sum',
      input: input.map((name) => value(name, elemType)),
      output: [value('y', elemType)],
      initializer: axis.map((name) => ({ name, dataType: TYPES.int64[0], dims: [], int64Data: [0] })),
      node: [{ opType, input: [...input, ...axis], output: ['y'] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const feeds = Object.fromEntries(
    vectors.map((vector, i) => [input[i], new ort.Tensor(type, Typed.from(vector.map(convert)), [vector.length])]),
  );
  return String((await session.run(feeds)).y.data.at(-1));
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const big = 2_000_000_000, odd = 2n ** 53n + 1n;
  const rows = [
    ['int32 Add 2e9, 2e9      ', await last('Add', 'int32', [big], [big]), '-294967296'],
    ['int32 CumSum 2e9, 2e9   ', await last('CumSum', 'int32', [big, big]), '-294967296'],
    ['int32 ReduceSum 2e9, 2e9', await last('ReduceSum', 'int32', [big, big]), '2147483647'],
    ['int64 Add 2^53+1, 0      ', await last('Add', 'int64', [odd], [0]), '9007199254740993'],
    ['int64 ReduceSum 2^53+1, 0', await last('ReduceSum', 'int64', [odd, 0]), '9007199254740992'],
    ['int64 Pow 3, 39          ', await last('Pow', 'int64', [3], [39]), '4052555153018976256'],
  ];
  for (const [what, seen] of rows) console.log(what, seen);
  console.log('3^39 is                  ', String(3n ** 39n));
  if (rows.some(([, seen, known]) => seen !== known)) {
    console.error('The behaviour has changed: integer reductions no longer saturate, or no longer run in double precision.');
    process.exit(1);
  }
  console.log('Still so: the same sum wraps as Add and saturates as ReduceSum.');
})();
EOF
node probe.cjs
