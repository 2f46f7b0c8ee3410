#!/usr/bin/env bash
# Unique of ONNX Runtime takes every number that is compared with a NaN for the NaN itself, and the number is gone.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: NaN is unequal to everything, so [5, NaN, NaN, 5, 3] has the distinct numbers 3 and 5 and one or two NaN (NumPy's unique gives
# one at the end), and the numbers come back from `values[inverse]`.
# Seen: the distinct values are 3 and 5 only, with 5 counted four times: the NaN have become fives. If the NaN stands first it is the only
# distinct value, counted as often as there are numbers, and all others are gone. So `values[inverse]` gives back another tensor.
# Why it matters: counting the distinct values of an activation is the usual way to see how many levels a quantiser really uses; one NaN
# turns "256 levels" into "1 level", or hides itself among the fives. PyTorch and NumPy both keep NaN apart.
# Output seen: 5,NaN,NaN,5,3 -> values 3,5 counts 1,4; NaN,1,1,2 -> values NaN counts 4.
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

const FLOAT = 1, INT64 = 7;
const value = (name, elemType, dim) => ({ name, type: { tensorType: { elemType, shape: { dim } } } });
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'distinct',
    input: [value('x', FLOAT, [{ dimParam: 'n' }])],
    output: [value('values', FLOAT, [{ dimParam: 'm' }]), value('counts', INT64, [{ dimParam: 'm' }])],
    node: [{ opType: 'Unique', input: ['x'], output: ['values', '', '', 'counts'] }],
  },
}).finish();

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const session = await ort.InferenceSession.create(model);
  const distinct = async (numbers) => {
    const { values, counts } = await session.run({ x: new ort.Tensor('float32', numbers, [numbers.length]) });
    const seen = `values ${[...values.data]} counts ${[...counts.data]}`;
    console.log(`${numbers} -> ${seen}`);
    return seen;
  };
  const plain = await distinct([5, 3, 5]);
  const inside = await distinct([5, NaN, NaN, 5, 3]);
  const first = await distinct([NaN, 1, 1, 2]);
  if (plain !== 'values 3,5 counts 1,2') throw new Error('Unique does not count plain numbers as this probe expects');
  if (inside !== 'values 3,5 counts 1,4' || first !== 'values NaN counts 4') {
    console.error('The behaviour has changed: a NaN no longer counts as equal to the numbers beside it.');
    process.exit(1);
  }
  console.log('Still so: a NaN equals every number it meets.');
})();
EOF
node probe.cjs
