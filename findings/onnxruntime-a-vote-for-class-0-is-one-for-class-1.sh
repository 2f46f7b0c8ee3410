#!/usr/bin/env bash
# A tree whose leaf votes 0.7 for class 0 and nothing for class 1 is class 1 in ONNX Runtime; of three classes it is class 0.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the scores of TreeEnsembleClassifier are sums of the leaves' weights for their classes, class 0 has 0.7 and class 1 none, and "the top class"
# is class 0. The operator lists weights by leaf and class; a leaf need not name every class.
# Seen: with two classes the score 0.7 is taken for that of class 1, whatever class it is for: the scores are -0.7 and 0.7 and the answer 1. With the weight 0
# written out for class 1 the same leaf answers 0, and so it does with a third class that no leaf votes for.
# Why it matters: pure leaves of a tree have votes for one class. A converter that leaves zeros out turns all of its samples of class 0 into class 1.
# Output seen: two classes: 1 with -0.7, 0.7; zero written out: 0 with 0.7, 0; three classes: 0.
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
const INT64 = 7;
const floats = (name, values) => ({ name, type: 6, floats: values });
const ints = (name, values) => ({ name, type: 7, ints: values });

/** One split at 0.5: up to it leaf 1, above it leaf 2. The votes are [leaf, class, weight]. */
const classify = async (what, classes, votes) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }, { domain: 'ai.onnx.ml', version: 3 }],
    graph: {
      name: 'tree',
      input: [{ name: 'x', type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 2 }, { dimValue: 1 }] } } } }],
      output: [{ name: 'label', type: { tensorType: { elemType: INT64 } } }, { name: 'scores', type: { tensorType: { elemType: FLOAT } } }],
      node: [{
        opType: 'TreeEnsembleClassifier', domain: 'ai.onnx.ml', input: ['x'], output: ['label', 'scores'],
        attribute: [
          ints('nodes_treeids', [0, 0, 0]), ints('nodes_nodeids', [0, 1, 2]), ints('nodes_featureids', [0, 0, 0]),
          floats('nodes_values', [0.5, 0, 0]), ints('nodes_truenodeids', [1, 0, 0]), ints('nodes_falsenodeids', [2, 0, 0]),
          { name: 'nodes_modes', type: 8, strings: ['BRANCH_LEQ', 'LEAF', 'LEAF'].map((mode) => Buffer.from(mode)) },
          ints('class_treeids', votes.map(() => 0)), ints('class_nodeids', votes.map(([leaf]) => leaf)),
          ints('class_ids', votes.map(([, id]) => id)), floats('class_weights', votes.map(([, , weight]) => weight)),
          ints('classlabels_int64s', Array.from({ length: classes }, (_, i) => i)),
        ],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { label, scores } = await session.run({ x: new ort.Tensor('float32', [0, 1], [2, 1]) });
  const first = [...scores.data].slice(0, classes).map((score) => +score.toFixed(4));
  console.log(`${what}: 0 is of class ${label.data[0]}, with the scores ${first.join(', ')}; 1 is of class ${label.data[1]}`);
  return { labels: [...label.data].join(), first: first.join() };
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const two = await classify('two classes', 2, [[1, 0, 0.7], [2, 1, 0.9]]);
  const written = await classify('zeros written out', 2, [[1, 0, 0.7], [1, 1, 0], [2, 0, 0], [2, 1, 0.9]]);
  const three = await classify('three classes', 3, [[1, 0, 0.7], [2, 1, 0.9]]);
  if (written.labels !== '0,1' || written.first !== '0.7,0' || three.labels !== '0,1') throw new Error('the other trees are not what this probe expects');
  if (two.labels !== '1,1' || two.first !== '-0.7,0.7') {
    console.error('The behaviour has changed: a vote for class 0 is one for class 0.');
    process.exit(1);
  }
  console.log('Still so: a vote for class 0 alone is taken for class 1.');
})();
EOF
node probe.cjs
