#!/usr/bin/env bash
# TreeEnsembleRegressor of ONNX Runtime leaves the base value out of every target that the reached leaf has no weight for.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: base_values are "added to final prediction after applying aggregate_function", one for each target. With the base values 1 and 2, and a leaf that
# adds -10 to target 0 and nothing to target 1, the prediction is -9 and 2.
# Seen: it is -9 and 0. With the weight 0 written out for target 1 it is -9 and 2. All four aggregate functions do the same.
# Why it matters: boosted trees start from the mean of the targets, which is their base value. Converters may leave weights of 0 out, and a target
# that no leaf moved is then predicted as 0 instead of its mean.
# Output seen: -9, 0 and, for the other leaf, 0, -18; with zeros written out -9, 2 and 1, -18.
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
const ints = (name, values) => ({ name, type: 7, ints: values });

/** One split at 0.5: up to it leaf 1, above it leaf 2. The weights are [leaf, target, weight]. */
const regress = async (what, aggregate, weights) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }, { domain: 'ai.onnx.ml', version: 3 }],
    graph: {
      name: 'tree',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 2 }, { dimValue: 1 }] } } } }],
      output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      node: [{
        opType: 'TreeEnsembleRegressor', domain: 'ai.onnx.ml', input: ['x'], output: ['y'],
        attribute: [
          ints('nodes_treeids', [0, 0, 0]), ints('nodes_nodeids', [0, 1, 2]), ints('nodes_featureids', [0, 0, 0]),
          floats('nodes_values', [0.5, 0, 0]), ints('nodes_truenodeids', [1, 0, 0]), ints('nodes_falsenodeids', [2, 0, 0]),
          { name: 'nodes_modes', type: 8, strings: ['BRANCH_LEQ', 'LEAF', 'LEAF'].map((mode) => Buffer.from(mode)) },
          ints('target_treeids', weights.map(() => 0)), ints('target_nodeids', weights.map(([leaf]) => leaf)),
          ints('target_ids', weights.map(([, target]) => target)), floats('target_weights', weights.map(([, , weight]) => weight)),
          { name: 'n_targets', type: 2, i: 2 }, floats('base_values', [1, 2]),
          { name: 'aggregate_function', type: 3, s: Buffer.from(aggregate) },
        ],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { y } = await session.run({ x: new ort.Tensor('float32', [0, 1], [2, 1]) });
  const row = [...y.data].map((value) => +value.toFixed(4)).join(', ');
  console.log(`${what}, ${aggregate}: ${row}`);
  return row;
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = [];
  for (const aggregate of ['SUM', 'AVERAGE', 'MIN', 'MAX']) seen.push(await regress('one target a leaf', aggregate, [[1, 0, -10], [2, 1, -20]]));
  const written = await regress('zeros written out', 'SUM', [[1, 0, -10], [1, 1, 0], [2, 0, 0], [2, 1, -20]]);
  if (written !== '-9, 2, 1, -18') throw new Error('the trees with zeros are not what this probe expects');
  if (seen.some((row) => row !== '-9, 0, 0, -18')) {
    console.error('The behaviour has changed: every target has its base value.');
    process.exit(1);
  }
  console.log('Still so: a target without a weight is 0 instead of its base value.');
})();
EOF
node probe.cjs
