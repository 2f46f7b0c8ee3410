#!/usr/bin/env bash
# Cast of a 64-bit number to text keeps eight digits in ONNX Runtime, so 123456789 and 123456788 become the same text.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: Cast writes "plain floating-point representation (such as "314.15926")", and a float64 has 15 to 17 digits. NumPy and JavaScript write
# what reads back as the same number.
# Seen: 123456789 as float64 is 1.2345679e+08, and so are 123456788 and 123456789.4; 1 / 3 is 0.33333333. As int64 the same number keeps its nine
# digits. A float32 needs up to nine digits and has eight as well: 1000.0001 stands for two neighbours.
# Why it matters: identifiers and class labels that come as numbers become keys of a LabelEncoder or the names of files: those above a hundred million
# collide, in groups of ten, and text cast back is another number.
# Output seen: 123456789 and 123456788 both 1.2345679e+08, back as a number 123456790; int64 123456789.
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

const STRING = 8;
const TYPES = { float32: 1, int64: 7, float64: 11 };
const run = async (from, to, data) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'cast',
      input: [{ name: 'x', type: { tensorType: { elemType: TYPES[from] ?? STRING, shape: { dim: [{ dimValue: data.length }] } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: TYPES[to] ?? STRING } } }],
      node: [{ opType: 'Cast', input: ['x'], output: ['y'], attribute: [{ name: 'to', type: 2, i: TYPES[to] ?? STRING }] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const seen = [...(await session.run({ x: new ort.Tensor(from, data, [data.length]) })).y.data].map(String);
  console.log(`${from} to ${to}: ${[...data].join(', ')} -> ${seen.join(', ')}`);
  return seen;
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const doubles = await run('float64', 'string', Float64Array.of(123456789, 123456788, 123456789.4, 1 / 3));
  const back = await run('string', 'float64', doubles);
  const exact = await run('string', 'float64', ['123456789', '123456788']);
  const integers = await run('int64', 'string', BigInt64Array.of(123456789n, 123456788n));
  const singles = await run('float32', 'string', Float32Array.of(1000 + 2 ** -14, 1000 + 2 ** -13));
  if (integers.join() !== '123456789,123456788' || exact.join() !== '123456789,123456788') throw new Error('the other casts are not what this probe expects');
  const same = new Set(doubles.slice(0, 3));
  if (same.size !== 1 || doubles[0] !== '1.2345679e+08' || back[0] !== '123456790' || singles.join() !== '1000.0001,1000.0001') {
    console.error('The behaviour has changed: Cast writes other digits.');
    process.exit(1);
  }
  console.log('Still so: doubles have eight digits as text.');
})();
EOF
node probe.cjs
