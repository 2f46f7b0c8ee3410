#!/usr/bin/env bash
# SAME_UPPER, which should pad nothing where nothing is missing, makes Conv and AveragePool begin at the second pixel if the stride is much larger
# than the kernel.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: SAME pads what is missing for ceil(input / stride) outputs. A kernel of 1 with stride 4 over 0 to 7 misses nothing, so SAME is VALID: 0,
# 4. So TensorFlow defines it ("max(..., 0)"), from which the attribute comes.
# Seen: the missing amount, (output - 1) * stride + kernel - input, is -3, is halved and taken for a padding of -1: the result is 1, 5. Over 0 to 6
# the amount is -2, and Conv begins at 0 again, AveragePool at 1. With SAME_LOWER Conv is right. Up to opset 18 AveragePool refuses the model
# ("padding values must be non-negative"), from 19 on it computes.
# Why it matters: layers that thin out a map read other pixels than those they were trained with, for some picture sizes only, without a word.
# Output seen: over 0 to 7 Conv 1, 5 and AveragePool 1, 5; VALID 0, 4; over 0 to 6 Conv 0, 4 and AveragePool 1, 5.
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
const STRIDE = 4;
const ints = (name, values) => ({ name, type: 7, ints: values });
const run = async (opType, count, padding) => {
  const conv = opType === 'Conv';
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 19 }],
    graph: {
      name: 'stride',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, count].map((dimValue) => ({ dimValue })) } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: conv ? [{ name: 'w', dataType: FLOAT, dims: [1, 1, 1], floatData: [1] }] : [],
      node: [{
        opType, input: conv ? ['x', 'w'] : ['x'], output: ['y'],
        attribute: [ints('kernel_shape', [1]), ints('strides', [STRIDE]), { name: 'auto_pad', type: 3, s: Buffer.from(padding) }],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const input = Float32Array.from({ length: count }, (_, i) => i);
  return [...(await session.run({ x: new ort.Tensor('float32', input, [1, 1, count]) })).y.data].join();
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = {};
  for (const opType of ['Conv', 'AveragePool']) {
    for (const count of [7, 8]) {
      const wanted = Array.from({ length: Math.ceil(count / STRIDE) }, (_, i) => i * STRIDE).join();
      const valid = await run(opType, count, 'VALID');
      const upper = await run(opType, count, 'SAME_UPPER');
      const lower = await run(opType, count, 'SAME_LOWER');
      console.log(`${opType} of kernel 1 and stride ${STRIDE} over ${count} numbers: VALID ${valid}; SAME_UPPER ${upper}; SAME_LOWER ${lower}`);
      if (valid !== wanted) throw new Error('VALID is not what this probe expects');
      seen[opType + count] = upper;
    }
  }
  if (seen.Conv7 !== '0,4') throw new Error('the odd size is not what this probe expects');
  if (seen.Conv8 !== '1,5' || seen.AveragePool8 !== '1,5') {
    console.error('The behaviour has changed: SAME begins elsewhere.');
    process.exit(1);
  }
  console.log('Still so: SAME skips the first of eight pixels.');
})();
EOF
node probe.cjs
