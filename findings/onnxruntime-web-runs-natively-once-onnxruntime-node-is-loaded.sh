#!/usr/bin/env bash
# In one process, `require('onnxruntime-node')` anywhere turns the sessions of onnxruntime-web into native ones.
#
# Packages: onnxruntime-web 1.30.0 and onnxruntime-node 1.30.0 (model written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: two packages with two builds of the engine; the one whose `InferenceSession` is used does the work. So a test that runs a
# model with both and compares the results compares WebAssembly with native code.
# Seen: both packages hand out the very same class from onnxruntime-common, and the back end with the highest priority in that shared table
# wins: the native one. "Comparing" the two gives bit-identical results, since the same build ran twice. Only
# `executionProviders: ['wasm']` brings the WebAssembly build back, and then for onnxruntime-node's InferenceSession too.
# Why it matters: who measures whether quantised results agree between browser and desktop gets a perfect score from a comparison that
# never happened.
# How it is told apart here: the two builds draw different random numbers from one seed.
# Output seen: web alone 0.00016, both loaded 0.00005, both loaded and 'wasm' 0.00016; same class: true.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 onnx-proto@8.0.1

cat > probe.cjs <<'EOF'
const { onnx } = require('onnx-proto');
const { InferenceSession, env } = require('onnxruntime-web');

const FLOAT = 1;
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'random',
    output: [{ name: 'y', type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: 1 }] } } } }],
    node: [{
      opType: 'RandomUniform', input: [], output: ['y'],
      attribute: [{ name: 'shape', type: 7, ints: [1] }, { name: 'seed', type: 1, f: 7 }],
    }],
  },
}).finish();

const draw = async (options) => (await (await InferenceSession.create(model, options)).run({})).y.data[0];

(async () => {
  if (process.argv[2] !== 'both') {
    console.log('onnxruntime-web', env.versions.web);
    const alone = await draw({});
    console.log('onnxruntime-web alone             ', alone);
    require('node:child_process').execFileSync(process.execPath, [__filename, 'both', String(alone)], { stdio: 'inherit' });
    return;
  }
  const alone = Number(process.argv[3]);
  const node = require('onnxruntime-node');
  const both = await draw({});
  const wasm = await draw({ executionProviders: ['wasm'] });
  console.log('with onnxruntime-node also loaded ', both);
  console.log("the same with the provider 'wasm' ", wasm);
  console.log('the same class from both packages:', node.InferenceSession === InferenceSession);
  if (both === alone || wasm !== alone || node.InferenceSession !== InferenceSession) {
    console.error('The behaviour has changed: loading onnxruntime-node no longer takes over the sessions of onnxruntime-web.');
    process.exit(1);
  }
  console.log('Still so: onnxruntime-web silently runs the native build.');
})().catch((error) => {
  if (error.status === undefined) console.error(error);
  process.exit(1);
});
EOF
node probe.cjs
