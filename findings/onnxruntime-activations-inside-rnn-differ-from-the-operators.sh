#!/usr/bin/env bash
# Softplus and ThresholdedRelu inside RNN, GRU and LSTM of ONNX Runtime are other functions than the operators of these names.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the activation functions are those of the operators, and "default values are the same as of corresponding ONNX operators".
# Seen: Softplus of 100 is 100 as an operator and Infinity inside RNN, where it is written log(1 + exp(x)); from -17 down it is 0 instead of
# exp(x). ThresholdedRelu of 0.7 is 0 as an operator, whose threshold is 1 unless another is given, and 0.7 inside RNN, where it
# is 0. LeakyRelu and HardSigmoid have the same defaults in both.
# Why it matters: a recurrent cell written with operators and the same cell as one RNN node differ, one of them by infinity.
# Output seen: Softplus 100 against Infinity; ThresholdedRelu 0 against 0.7; LeakyRelu -0.007 twice.
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
const value = (name, dims) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const one = (name) => ({ name, dataType: FLOAT, dims: [1, 1, 1], floatData: [1] });

/** The function as an operator, and as the activation of an RNN of one step, one input and one unit with weight 1. */
const both = async (activation, x) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'activate',
      input: [value('x', [1, 1, 1])],
      output: [value('alone', [1, 1, 1]), value('inside', [1, 1, 1])],
      initializer: [one('w'), one('r')],
      node: [
        { opType: activation, input: ['x'], output: ['alone'] },
        {
          opType: 'RNN', input: ['x', 'w', 'r'], output: ['', 'inside'],
          attribute: [{ name: 'hidden_size', type: 2, i: 1 }, { name: 'activations', type: 8, strings: [Buffer.from(activation)] }],
        },
      ],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const { alone, inside } = await session.run({ x: new ort.Tensor('float32', [x], [1, 1, 1]) });
  console.log(`${activation} of ${x}: operator ${+alone.data[0].toPrecision(3)}, inside RNN ${+inside.data[0].toPrecision(3)}`);
  return [alone.data[0], inside.data[0]];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const plus = await both('Softplus', 100);
  const minus = await both('Softplus', -20);
  const threshold = await both('ThresholdedRelu', 0.7);
  const leaky = await both('LeakyRelu', -0.7);
  if (leaky[0] !== leaky[1]) throw new Error('the probe is wrong: LeakyRelu differs too');
  if (plus[1] !== Infinity || plus[0] !== 100 || minus[1] !== 0 || minus[0] === 0 || threshold[0] !== 0 || threshold[1] === 0) {
    console.error('The behaviour has changed: the functions inside RNN are those of the operators.');
    process.exit(1);
  }
  console.log('Still so: Softplus overflows inside RNN, and the threshold of ThresholdedRelu is 0 there.');
})();
EOF
node probe.cjs
