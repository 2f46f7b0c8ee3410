#!/usr/bin/env bash
# ConvTranspose with SAME padding makes five numbers of three with stride 2 and a kernel of one, instead of six.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: "SAME_UPPER or SAME_LOWER mean pad the input so that output_shape[i] = input_shape[i] * strides[i]", so 3 becomes 6 whatever the kernel.
# Seen: a kernel of 2 or 3 gives 6, a kernel of 1 gives 5, with stride 3 it gives 7 instead of 9. The operator shortens what is too long and does not
# lengthen what is too short. With output_shape 6 written out the same layer gives 6.
# Why it matters: an upsampling by zeros between the pixels, the first half of many decoders and of sub-pixel shifts, has one row and column less than
# the map it is to be added to or laid over, and whoever resizes it to fit shifts all pixels.
# Output seen: stride 2: kernel 3 6 numbers, kernel 2 6, kernel 1 5 (10, 0, 20, 0, 30), with output_shape 6; stride 3 and kernel 1: 7.
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
const INPUT = [10, 20, 30];
const ints = (name, values) => ({ name, type: 7, ints: values });
const run = async (stride, kernel, size) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'up',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, INPUT.length].map((dimValue) => ({ dimValue })) } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: [{ name: 'w', dataType: FLOAT, dims: [1, 1, kernel], floatData: Array(kernel).fill(1) }],
      node: [{
        opType: 'ConvTranspose', input: ['x', 'w'], output: ['y'],
        attribute: [
          ints('kernel_shape', [kernel]), ints('strides', [stride]), { name: 'auto_pad', type: 3, s: Buffer.from('SAME_UPPER') },
          ...(size === undefined ? [] : [ints('output_shape', [size])]),
        ],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const seen = [...(await session.run({ x: new ort.Tensor('float32', INPUT, [1, 1, INPUT.length]) })).y.data];
  console.log(`stride ${stride}, kernel ${kernel}${size === undefined ? '' : `, output_shape ${size}`}: ${seen.length} numbers, ${seen}`);
  return seen;
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const three = await run(2, 3);
  const two = await run(2, 2);
  const one = await run(2, 1);
  const written = await run(2, 1, 6);
  const thirds = await run(3, 1);
  if (three.length !== 6 || two.length !== 6 || written.length !== 6) throw new Error('the other sizes are not what this probe expects');
  if (one.join() !== '10,0,20,0,30' || thirds.length !== 7) {
    console.error('The behaviour has changed: SAME is another size.');
    process.exit(1);
  }
  console.log('Still so: a kernel smaller than the stride falls short of input times stride.');
})();
EOF
node probe.cjs
