#!/usr/bin/env bash
# Pad with mode "wrap" of ONNX Runtime puts zeros where a second turn around the tensor belongs, but only in front.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: "wrap-around padding as if the data tensor forms a torus", so that [1, 2, 3] continues 2 3 1 2 3 [1 2 3] 1 2 3 1 2, as numpy.pad does.
# Seen: behind the data the numbers go round as often as they must; in front they go round once and what is left stays 0:
# 0 0 1 2 3 [1 2 3] 1 2 3 1 2. No error, though reflect refuses a padding that is longer than the data.
# Why it matters: circular padding of the small maps deep in a network (panoramas, maps on a torus, tiled textures) with a kernel wider than
# the map has a dark left and upper edge and a right lower one.
# Output seen: in front 0,0,1,2,3 (right: 2,3,1,2,3), behind 1,2,3,1,2 (right).
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
const value = (name, dims) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const SIZE = 3, PAD = 5;
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 19 }],
  graph: {
    name: 'torus',
    input: [value('x', [SIZE])],
    output: [value('y', [PAD + SIZE + PAD])],
    initializer: [{ name: 'pads', dataType: INT64, dims: [2], int64Data: [PAD, PAD] }],
    node: [{ opType: 'Pad', input: ['x', 'pads'], output: ['y'], attribute: [{ name: 'mode', type: 3, s: Buffer.from('wrap') }] }],
  },
}).finish();

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const session = await ort.InferenceSession.create(model);
  const { data } = (await session.run({ x: new ort.Tensor('float32', [1, 2, 3], [SIZE]) })).y;
  const right = Array.from({ length: PAD + SIZE + PAD }, (_, i) => ((i - PAD + 2 * SIZE) % SIZE) + 1);
  const front = data.slice(0, PAD).join();
  const behind = data.slice(PAD + SIZE).join();
  console.log(`in front: ${front} (right: ${right.slice(0, PAD).join()})`);
  console.log(`behind:   ${behind} (right: ${right.slice(PAD + SIZE).join()})`);
  if (behind !== right.slice(PAD + SIZE).join() || front !== '0,0,1,2,3') {
    console.error('The behaviour has changed: the padding in front no longer ends after one turn.');
    process.exit(1);
  }
  console.log('Still so: in front of the data the second turn is zeros.');
})();
EOF
node probe.cjs
