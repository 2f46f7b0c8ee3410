#!/usr/bin/env bash
# RoiAlign with mode "max" over a map that is 8 everywhere answers 2 in ONNX Runtime: it takes the largest *weighted corner*.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the operator samples the map bilinearly at points of a grid and takes the largest sample; samples of a constant map are that
# constant, as they are with mode "avg".
# Seen: with a box whose sample points lie between four pixels each corner enters with its weight 1/4 and the largest of the products is
# the answer: 2 for a map of 8. For a map of -4 the answer is -1, more than any pixel. For more than one sample a bin a warning in the log
# calls the maximum incorrect and promises a repair for release 1.13; release 1.30 still prints it. For one sample there is no warning.
# Why it matters: detectors exported with max pooling of regions score lower by a factor that depends on where a box lies.
# Output seen: map of 8: avg 8, max 2; map of -4: avg -4, max -1.
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
const integer = (name, i) => ({ name, type: 2, i });

/** The one value that RoiAlign makes of a box inside a constant 4 x 4 map. Its single sample point lies amid four pixels. */
const align = async (mode, level) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 16 }],
    graph: {
      name: 'region',
      input: [value('x', [1, 1, 4, 4])],
      output: [value('y', [1, 1, 1, 1])],
      initializer: [
        { name: 'boxes', dataType: FLOAT, dims: [1, 4], floatData: [1, 1, 3, 3] },
        { name: 'batch', dataType: INT64, dims: [1], int64Data: [0] },
      ],
      node: [{
        opType: 'RoiAlign', input: ['x', 'boxes', 'batch'], output: ['y'],
        attribute: [
          { name: 'mode', type: 3, s: Buffer.from(mode) },
          integer('output_height', 1), integer('output_width', 1), integer('sampling_ratio', 1),
        ],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  return (await session.run({ x: new ort.Tensor('float32', Array(16).fill(level), [1, 1, 4, 4]) })).y.data[0];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [await align('avg', 8), await align('max', 8), await align('avg', -4), await align('max', -4)];
  console.log(`map of 8:  avg ${seen[0]}, max ${seen[1]}`);
  console.log(`map of -4: avg ${seen[2]}, max ${seen[3]}`);
  if (seen.join() !== '8,2,-4,-1') {
    console.error('The behaviour has changed: the largest sample of a constant map is now something else.');
    process.exit(1);
  }
  console.log('Still so: the maximum of a constant map is a quarter of the constant.');
})();
EOF
node probe.cjs
