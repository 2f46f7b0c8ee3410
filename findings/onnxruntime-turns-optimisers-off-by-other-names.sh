#!/usr/bin/env bash
# ONNX Runtime can be told to leave out single optimisers by name, but two of them do not go by the names that its sources and logs give them.
#
# Package: onnxruntime-node 1.30.0 (models written and read with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: "optimization.disable_specified_optimizers" with LayerNormFusion leaves the parts of a layer normalisation apart, and with
# TransposeOptimizer two Transposes that undo each other stay.
# Seen: LayerNormFusion turns off nothing; the names are LayerNormFusionL1 and LayerNormFusionL2. TransposeOptimizer turns off the first of two runs;
# the second, from "extended" on, is TransposeOptimizer_CPUExecutionProvider and does the same work. Unknown names are taken without a word, while
# ReshapeFusion, MatmulTransposeFusion and most others go by the names of their classes.
# Why it matters: whoever rules out a suspect rewrite in this way sees the same numbers as before and acquits it.
# Output seen: without LayerNormFusion LayerNormalization; without the two other names nine operators at "basic", and at "all" ReduceMean, Sub,
# SimplifiedLayerNormalization, Add. Without TransposeOptimizer Relu at "extended" and "all", Transpose Relu Transpose at "basic"; with its second
# name, too, Transpose Relu Transpose everywhere.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnx-proto@8.0.1

cat > probe.cjs <<'EOF'
const { readFileSync } = require('node:fs');
const { onnx } = require('onnx-proto');
const ort = require('onnxruntime-node');

const constant = (name, dims, values) => ({ name, dims, dataType: 1, rawData: Buffer.from(Float32Array.from(values).buffer) });
const ints = (name, dims, values) => ({ name, dims, dataType: 7, rawData: Buffer.from(BigInt64Array.from(values).buffer) });
const value = (name, dims) => ({ name, type: { tensorType: { elemType: 1, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const node = (opType, input, output, attribute = []) => ({ opType, input, output: [output], attribute });
const modelOf = (dims, initializer, nodes) =>
  onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 17 }],
    graph: { name: 'probe', input: [value('x', dims)], output: [value('y', dims)], initializer, node: nodes },
  }).finish();

const turn = [{ name: 'perm', type: 7, ints: [0, 2, 1] }];
const turned = modelOf([1, 2, 3], [], [
  node('Transpose', ['x'], 'a', turn),
  node('Relu', ['a'], 'b'),
  node('Transpose', ['b'], 'y', turn),
]);
const last = [{ name: 'axes', type: 7, ints: [-1] }];
const normalised = modelOf(
  [2, 4],
  [constant('two', [], [2]), constant('epsilon', [], [1e-5]), constant('scale', [4], [1, 2, 3, 4]), constant('offset', [4], [1, 1, 1, 1])],
  [
    node('ReduceMean', ['x'], 'mean', last),
    node('Sub', ['x', 'mean'], 'd'),
    node('Pow', ['d', 'two'], 'squares'),
    node('ReduceMean', ['squares'], 'variance', last),
    node('Add', ['variance', 'epsilon'], 'positive'),
    node('Sqrt', ['positive'], 'divisor'),
    node('Div', ['d', 'divisor'], 'normal'),
    node('Mul', ['normal', 'scale'], 'scaled'),
    node('Add', ['scaled', 'offset'], 'y'),
  ],
);
/** The operators that are left. */
const operators = async (model, level, names) => {
  await ort.InferenceSession.create(model, {
    graphOptimizationLevel: level,
    logSeverityLevel: 4,
    optimizedModelFilePath: 'optimised.onnx',
    extra: { optimization: { disable_specified_optimizers: names } },
  });
  return onnx.ModelProto.decode(readFileSync('optimised.onnx')).graph.node.map(({ opType }) => opType).join(' ');
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const TURNS = 'Transpose Relu Transpose';
  const checks = [
    [turned, '', [['basic', 'Relu'], ['extended', 'Relu'], ['all', 'Relu']]],
    [turned, 'TransposeOptimizer', [['basic', TURNS], ['extended', 'Relu'], ['all', 'Relu']]],
    [turned, 'TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider', [['basic', TURNS], ['extended', TURNS], ['all', TURNS]]],
    [normalised, '', [['basic', 'LayerNormalization'], ['all', 'LayerNormalization']]],
    [normalised, 'LayerNormFusion', [['basic', 'LayerNormalization'], ['all', 'LayerNormalization']]],
    [normalised, 'LayerNormFusionL1;LayerNormFusionL2', [['basic', 'ReduceMean Sub'], ['all', 'ReduceMean Sub']]],
  ];
  let changed = false;
  for (const [model, names, levels] of checks)
    for (const [level, expected] of levels) {
      const left = await operators(model, level, names);
      console.log(`${level}, without ${names || 'nothing'}: ${left}`);
      changed ||= !left.startsWith(expected) || (expected === 'Relu' && left !== expected);
    }
  if (changed) {
    console.error('The behaviour has changed: the optimisers go by other names now.');
    process.exit(1);
  }
  console.log('Still so: the names of the sources do not turn these two off.');
})();
EOF
node probe.cjs
