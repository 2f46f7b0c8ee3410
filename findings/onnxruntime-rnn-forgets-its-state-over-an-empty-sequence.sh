#!/usr/bin/env bash
# RNN, GRU and LSTM answer a state of zeros for a member of the batch whose sequence is empty, and not the state they were given.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: the final state is the state after the last step, and after no step that is initial_h, as in TensorFlow's dynamic_rnn, which copies the
# state through behind the end of a sequence. sequence_lens may be 0; the operators make no exception.
# Seen: with initial_h 5 and sequence_lens 0 Y_h is 0 for all three, Y_c of LSTM too, and the other member of the batch is right. With a length of 1
# the initial state counts.
# Why it matters: streams are cut into chunks, their state is carried over, and in every chunk some member of the batch has nothing to say. Its memory
# is wiped each time, without a word, and only in batches: alone it would not have been run.
# Output seen: lengths 0 and 1 from the state 5: RNN 0 and 0.9999, GRU 0 and 2.5, LSTM 0 and 0.4933 with the cells 0 and 2.5.
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
const INT32 = 6;
const GATES = { RNN: 1, GRU: 3, LSTM: 4 };
const value = (name, elemType, dims) => ({ name, type: { tensorType: { elemType, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
/** One unit over one step with weights of 0 for the input and 1 for the state, for two members of a batch that begin at the state 5. */
const run = async (opType, lengths) => {
  const gates = GATES[opType];
  const lstm = opType === 'LSTM';
  const weights = (name, number) => ({ name, dataType: FLOAT, dims: [1, gates, 1], floatData: Array(gates).fill(number) });
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'state',
      input: [value('x', FLOAT, [1, 2, 1]), value('lengths', INT32, [2]), value('h', FLOAT, [1, 2, 1])],
      output: ['y_h', ...(lstm ? ['y_c'] : [])].map((name) => ({ name, type: { tensorType: { elemType: FLOAT } } })),
      initializer: [weights('w', 0), weights('r', opType === 'RNN' ? 1 : 0)],
      node: [{
        opType, input: ['x', 'w', 'r', '', 'lengths', 'h', ...(lstm ? ['h'] : [])], output: ['', 'y_h', ...(lstm ? ['y_c'] : [])],
        attribute: [{ name: 'hidden_size', type: 2, i: 1 }],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const seen = await session.run({
    x: new ort.Tensor('float32', [1, 1], [1, 2, 1]), lengths: new ort.Tensor('int32', lengths, [2]), h: new ort.Tensor('float32', [5, 5], [1, 2, 1]),
  });
  const list = (tensor) => [...tensor.data].map((number) => +number.toFixed(4));
  const states = list(seen.y_h);
  const cells = lstm ? list(seen.y_c) : [];
  console.log(`${opType}, lengths ${lengths}: final states ${states.join(' and ')}${lstm ? `, cells ${cells.join(' and ')}` : ''}`);
  return { states, cells };
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  // After one step: tanh(5); half of the state, since both gates are at 0.5; sigmoid(0) * tanh(0.5 * 5).
  const after = { RNN: Math.tanh(5), GRU: 0.5 * 5, LSTM: 0.5 * Math.tanh(2.5) };
  let still = true;
  for (const opType of ['RNN', 'GRU', 'LSTM']) {
    const both = await run(opType, [1, 1]);
    const empty = await run(opType, [0, 1]);
    const right = (number) => Math.abs(number - after[opType]) < 1e-3;
    if (!both.states.every(right) || !right(empty.states[1])) throw new Error('one step is not what this probe expects');
    still = still && empty.states[0] === 0 && (opType !== 'LSTM' || empty.cells[0] === 0);
  }
  if (!still) {
    console.error('The behaviour has changed: the state is kept.');
    process.exit(1);
  }
  console.log('Still so: the state of an empty sequence is zero.');
})();
EOF
node probe.cjs
