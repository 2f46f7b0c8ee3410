#!/usr/bin/env bash
# LinearClassifier with one row of coefficients for two classes ignores SOFTMAX: the scores are x and 1 - x, 1.6 and -0.6 among them.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: post_transform is the transform that is applied to the scores. Softmax gives positive numbers with the sum 1, and the reference code of
# ONNX takes -x and x for the scores of two classes with one row before it applies it.
# Seen: SOFTMAX and SOFTMAX_ZERO of one row give the same as NONE: 1 - x and x. LOGISTIC is applied. With both rows written out (-x and x) the same
# model gives its softmax.
# Why it matters: the scores sum up to 1, as those of a softmax do, and lie between 0 and 1 for many samples, so they pass for probabilities. The
# class is right, only the confidence is not.
# Output seen: one row 0.1, 0.9 and 1.6, -0.6 with NONE, SOFTMAX and SOFTMAX_ZERO; two rows with SOFTMAX 0.142, 0.858 and 0.769, 0.231.
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
const floats = (name, values) => ({ name, type: 6, floats: values });
const run = async (rows, transform) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }, { domain: 'ai.onnx.ml', version: 1 }],
    graph: {
      name: 'linear',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 2 }, { dimValue: 1 }] } } } }],
      output: [{ name: 'label', type: { tensorType: { elemType: 7 } } }, { name: 'scores', type: { tensorType: { elemType: FLOAT } } }],
      node: [{
        opType: 'LinearClassifier', domain: 'ai.onnx.ml', input: ['x'], output: ['label', 'scores'],
        attribute: [
          floats('coefficients', rows), floats('intercepts', rows.map(() => 0)),
          { name: 'classlabels_ints', type: 7, ints: [0, 1] }, { name: 'post_transform', type: 3, s: Buffer.from(transform) },
        ],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { label, scores } = await session.run({ x: new ort.Tensor('float32', [0.9, -0.6], [2, 1]) });
  const seen = [...scores.data].map((score) => +score.toFixed(3)).join();
  console.log(`${rows.length} row${rows.length > 1 ? 's' : ''}, ${transform}: 0.9 and -0.6 are ${[...label.data]}, scores ${seen}`);
  return seen;
};
const softmax = (scores) => {
  const powers = scores.map(Math.exp);
  return powers.map((power) => +(power / powers.reduce((sum, other) => sum + other, 0)).toFixed(3));
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const none = await run([1], 'NONE');
  const one = await run([1], 'SOFTMAX');
  const zero = await run([1], 'SOFTMAX_ZERO');
  const logistic = await run([1], 'LOGISTIC');
  const two = await run([-1, 1], 'SOFTMAX');
  const wanted = [...softmax([-0.9, 0.9]), ...softmax([0.6, -0.6])].join();
  console.log(`softmax of -x and x: ${wanted}`);
  if (two !== wanted || logistic === none) throw new Error('the other transforms are not what this probe expects');
  if (one !== '0.1,0.9,1.6,-0.6' || zero !== one || none !== one) {
    console.error('The behaviour has changed: one row has other scores.');
    process.exit(1);
  }
  console.log('Still so: one row of coefficients knows no softmax.');
})();
EOF
node probe.cjs
