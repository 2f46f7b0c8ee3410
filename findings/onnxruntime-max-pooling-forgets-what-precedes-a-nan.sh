#!/usr/bin/env bash
# A NaN inside the window of a max pooling of ONNX Runtime wipes out every fourth number before it, and leaves no other trace.
#
# Package: onnxruntime-node 1.30.0 on x86-64 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: NaN (as PyTorch answers), or the maximum of the numbers that are numbers.
# Seen: GlobalMaxPool over 64 numbers with a 99 in place 20 and a NaN in place 40 answers 6, the largest of the rest. Move the 99 by one,
# to place 21, and it is found. MaxPool with a window of 8 x 8 does the same. (Four running maxima are kept side by side, and the
# processor's maximum instruction answers with its second operand where one is NaN, here the newly read number; so the NaN restarts
# its own quarter of the map. One in the last place comes out as NaN.)
# Why it matters: ranges for quantisation are often taken as the maximum over a map. After an overflow such a range is finite, plausible
# and too small, so nothing downstream notices; a check of the result for NaN cannot find it, only a check of the input can.
# Output seen: no NaN 99; NaN in place 40: 6 with the 99 in place 20, 99 with it in place 21; MaxPool the same.
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

const FLOAT = 1;
const value = (name, dims) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const pooling = (opType, attribute) => onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'peak',
    input: [value('x', [1, 1, 8, 8])],
    output: [value('y', [1, 1, 1, 1])],
    node: [{ opType, input: ['x'], output: ['y'], attribute }],
  },
}).finish();
const global = pooling('GlobalMaxPool', []);
const windowed = pooling('MaxPool', [{ name: 'kernel_shape', type: 7, ints: [8, 8] }]);

/** The peak of a map that holds 0 to 6 over and over, a 99 and, if asked for, a NaN in place 40. */
const peak = async (model, placeOf99, withNaN = true) => {
  const map = Float32Array.from({ length: 64 }, (_, i) => (withNaN && i === 40 ? NaN : i === placeOf99 ? 99 : i % 7));
  const session = await ort.InferenceSession.create(model);
  return (await session.run({ x: new ort.Tensor('float32', map, [1, 1, 8, 8]) })).y.data[0];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  let same = true;
  for (const [what, model] of [['GlobalMaxPool', global], ['MaxPool 8 x 8', windowed]]) {
    const seen = [await peak(model, 20, false), await peak(model, 20), await peak(model, 21)];
    console.log(`${what}: no NaN ${seen[0]}; NaN in place 40: ${seen[1]} with the 99 in place 20, ${seen[2]} with it in place 21`);
    same &&= seen.join() === '99,6,99';
  }
  if (!same) {
    console.error('The behaviour has changed (or this is no x86-64): the peak before a NaN is no longer lost.');
    process.exit(1);
  }
  console.log('Still so: the 99 in place 20 is forgotten because of the NaN in place 40.');
})();
EOF
node probe.cjs
