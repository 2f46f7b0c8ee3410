#!/usr/bin/env bash
# A graph input that has a default cannot be set from onnxruntime-node: what is fed to it is dropped without a word.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: ONNX lets a graph input share its name with an initializer; the initializer is then the default, and a value that the caller
# feeds replaces it. ONNX Runtime itself supports that (it warns at load that it must not treat such an initializer as constant), and
# a feed with a name that the model does not have is an error, as in Python.
# Seen: `inputNames` leaves the input out, and run() looks at those names only. The fed 5 is ignored and the default 10 used. A
# misspelt name is ignored in the same way as long as the real inputs are there.
# Why it matters: defaults are the natural way to make thresholds, bit widths or masks of a graph adjustable while the file still runs
# alone. In JavaScript every setting then gives the result of the default, which looks like "the setting has no effect".
# Output seen: inputNames x; nothing fed 11; 5 fed to c 11 (right 6); 5 fed to a name that does not exist 11, no error.
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
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 1 }] } } } });

// y = x + c, where c is an input with the default 10.
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'default',
    input: [value('x'), value('c')],
    output: [value('y')],
    initializer: [{ name: 'c', dataType: FLOAT, dims: [1], floatData: [10] }],
    node: [{ opType: 'Add', input: ['x', 'c'], output: ['y'] }],
  },
}).finish();

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const session = await ort.InferenceSession.create(model, { logSeverityLevel: 3 });
  const number = (v) => new ort.Tensor('float32', [v], [1]);
  const sum = async (feeds) => (await session.run({ x: number(1), ...feeds })).y.data[0];
  const alone = await sum({});
  const fed = await sum({ c: number(5) });
  const misspelt = await sum({ cc: number(5) });
  console.log('inputNames            ', session.inputNames.join());
  console.log('nothing fed to c      ', alone);
  console.log('5 fed to c            ', fed, '(right: 6)');
  console.log('5 fed to an unknown cc', misspelt);
  if (alone !== 11) throw new Error('the default is not used, which this probe expects');
  if (session.inputNames.includes('c') || fed !== 11 || misspelt !== 11) {
    console.error('The behaviour has changed: what is fed to an input with a default is no longer ignored.');
    process.exit(1);
  }
  console.log('Still so: the default cannot be replaced.');
})();
EOF
node probe.cjs
