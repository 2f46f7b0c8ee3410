#!/usr/bin/env bash
# Pooling with dilation and auto_pad SAME_UPPER does not keep the size in ONNX Runtime: five numbers become three instead of five.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: SAME_UPPER and SAME_LOWER pad so that output = ceil(input / stride), and the operators give the amount: (output - 1) * stride + ((kernel -
# 1) * dilation + 1) - input. With stride 1 the size stays.
# Seen: the padding is that of the kernel without dilation. A window of 3 with dilation 2 over five numbers gives three maxima, with dilation 1 five.
# AveragePool and LpPool do the same. Conv with the same attributes refuses the model ("Dilation not supported for AutoPadType"), pooling computes.
# Why it matters: the layer runs (with a warning in the log that the shape is another one than the model's), and its map is smaller and shifted by a
# pixel. A global pooling or a Resize behind it hides the size, and figures per pixel belong to other pixels.
# Output seen, for 1, 2, 5, 4, 3 and dilation 2: MaxPool 4, 5, 4 instead of 5, 4, 5, 4, 5 and AveragePool 3, 3, 3 instead of 3, 3, 3, 3, 4.
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
const INPUT = [1, 2, 5, 4, 3];
const ints = (name, values) => ({ name, type: 7, ints: values });
const pool = async (opType, dilation, padding) => {
  const model = onnx.ModelProto.encode({
    irVersion: 9,
    opsetImport: [{ version: 19 }],
    graph: {
      name: 'pool',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, INPUT.length].map((dimValue) => ({ dimValue })) } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      node: [{ opType, input: ['x'], output: ['y'], attribute: [ints('kernel_shape', [3]), ints('strides', [1]), ints('dilations', [dilation]), padding] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  return [...(await session.run({ x: new ort.Tensor('float32', INPUT, [1, 1, INPUT.length]) })).y.data];
};
/** What the operators define: SAME keeps the size at stride 1, and what lies outside counts for neither maximum nor mean. */
const reference = (dilation, summary) => INPUT.map((_, at) => {
  const inside = [-1, 0, 1].map((tap) => INPUT[at + tap * dilation]).filter((number) => number !== undefined);
  return summary(inside);
});
const highest = (list) => Math.max(...list);
const mean = (list) => list.reduce((sum, number) => sum + number, 0) / list.length;
const same = (a, b) => a.length === b.length && a.every((number, i) => Math.abs(number - b[i]) < 1e-5);

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const auto = { name: 'auto_pad', type: 3, s: Buffer.from('SAME_UPPER') };
  const written = ints('pads', [2, 2]);
  let still = true;
  for (const [opType, summary] of [['MaxPool', highest], ['AveragePool', mean]]) {
    const plain = await pool(opType, 1, auto);
    const padded = await pool(opType, 2, written);
    const seen = await pool(opType, 2, auto);
    const wanted = reference(2, summary);
    console.log(`${opType}: dilation 1 ${plain}; dilation 2 with the pads 2, 2 ${padded}; with SAME_UPPER ${seen}`);
    if (!same(plain, reference(1, summary)) || !same(padded, wanted)) throw new Error('the other poolings are not what this probe expects');
    still = still && same(seen, wanted.slice(1, -1));
  }
  if (!still) {
    console.error('The behaviour has changed: dilated pooling is padded otherwise.');
    process.exit(1);
  }
  console.log('Still so: SAME pads for a kernel without dilation.');
})();
EOF
node probe.cjs
