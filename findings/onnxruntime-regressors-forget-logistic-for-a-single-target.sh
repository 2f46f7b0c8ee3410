#!/usr/bin/env bash
# LinearRegressor of ONNX Runtime applies post_transform LOGISTIC to two targets, and to one target not at all.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: post_transform "indicates the transform to apply to the regression output vector". One target of 0.3 with LOGISTIC is
# 1 / (1 + exp(-0.3)) = 0.574, as it is when a second target stands beside it.
# Seen: with one target the output is 0.3, the score itself; with two targets 0.574 and 0.622. PROBIT, of the same list, is applied to
# one target and to two. The trees of TreeEnsembleRegressor share the code.
# Why it matters: boosted trees and logistic models are exported with one target and a logistic transform: their "probabilities" are
# raw scores, below 0 and above 1. Around 0.5 they pass for probabilities.
# Output seen: one target: LOGISTIC 0.3, PROBIT -0.524; two targets: LOGISTIC 0.574, PROBIT -0.524.
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

/** The outputs of a regressor that hands its inputs on, one target for each of them. */
const regress = async (transform, numbers) => {
  const n = numbers.length;
  const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 1 }, { dimValue: n }] } } } });
  const identity = numbers.flatMap((_, row) => numbers.map((__, column) => (row === column ? 1 : 0)));
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }, { domain: 'ai.onnx.ml', version: 1 }],
    graph: {
      name: 'regress',
      input: [value('x')],
      output: [value('y')],
      node: [{
        opType: 'LinearRegressor', domain: 'ai.onnx.ml', input: ['x'], output: ['y'],
        attribute: [
          { name: 'coefficients', type: 6, floats: identity },
          { name: 'targets', type: 2, i: n },
          { name: 'post_transform', type: 3, s: Buffer.from(transform) },
        ],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const data = [...(await session.run({ x: new ort.Tensor('float32', numbers, [1, n]) })).y.data];
  console.log(`${n} target${n > 1 ? 's' : ''}, ${transform}: ${data.map((v) => v.toFixed(3))}`);
  return data[0];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const one = await regress('LOGISTIC', [0.3]);
  const two = await regress('LOGISTIC', [0.3, 0.5]);
  const probit = await regress('PROBIT', [0.3]);
  await regress('PROBIT', [0.3, 0.5]);
  if (Math.abs(one - 0.3) > 1e-6 || Math.abs(two - 0.574) > 1e-3 || Math.abs(probit + 0.524) > 1e-3) {
    console.error('The behaviour has changed: one target and two are transformed alike.');
    process.exit(1);
  }
  console.log('Still so: a single target is not transformed by LOGISTIC, and is by PROBIT.');
})();
EOF
node probe.cjs
