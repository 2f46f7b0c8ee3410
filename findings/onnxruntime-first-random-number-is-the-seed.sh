#!/usr/bin/env bash
# The first number that ONNX Runtime's RandomUniform draws is its seed times 7.8e-6, so with seeds up to a thousand it is next to 0.
#
# Package: onnxruntime-node 1.30.0 and onnxruntime-web 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: numbers uniform between 0 and 1, other ones for another seed, of which the first is as random as the rest.
# Seen: seeds 1, 2, 3, 10 and 100 begin with 0.0000078, 0.0000157, 0.0000235, 0.000078 and 0.00078: the seed is the state of a linear
# generator, and the first number is that state multiplied once, by 16807 / 2^31. The second numbers are spread, but the seeds 1, 2 and 3
# still give multiples of one number. The browser package of the same version multiplies by 48271: other numbers from the same seed.
# Why it matters: repeated with the seeds 1 to 20 an experiment draws a first number below 0.0002 in every run: the first channel is always
# dropped, the first image always chosen. And noise fixed by a seed is not the same in the browser as in Node on Linux.
# Output seen: node 0.0000078 0.0000157 0.0000235 0.0000783 0.0007826; web 0.0000225 0.0000450 0.0000674 0.0002248 0.0022478.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnxruntime-web@1.30.0 onnx-proto@8.0.1

cat > probe.cjs <<'EOF'
const { onnx } = require('onnx-proto');
// Each package in a process of its own: loaded together they share a back end.
const name = process.argv[2];
const ort = require(name);
if (ort.env.wasm) ort.env.wasm.numThreads = 1;

const SEEDS = [1, 2, 3, 10, 100];
const draw = async (seed) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 16 }],
    graph: {
      name: 'noise',
      output: [{ name: 'y', type: { tensorType: { elemType: 1, shape: { dim: [{ dimValue: 3 }] } } } }],
      node: [{ opType: 'RandomUniform', output: ['y'], attribute: [{ name: 'shape', type: 7, ints: [3] }, { name: 'seed', type: 1, f: seed }] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  return [...(await session.run({})).y.data];
};

(async () => {
  const drawn = [];
  for (const seed of SEEDS) drawn.push(await draw(seed));
  SEEDS.forEach((seed, i) => console.log(`${name}, seed ${seed}: ${drawn[i].map((value) => value.toFixed(7)).join()}`));
  const multiplier = { 'onnxruntime-node': 16807, 'onnxruntime-web': 48271 }[name];
  if (!drawn.flat().every((value) => value >= 0 && value < 1)) throw new Error('the numbers do not lie between 0 and 1');
  if (SEEDS.some((seed, i) => Math.abs(drawn[i][0] / ((seed * multiplier) / 2 ** 31) - 1) > 0.001)) {
    console.error('The behaviour has changed: the first number is no longer the seed multiplied once.');
    process.exit(1);
  }
  process.exit(0);
})();
EOF
node -p "'onnxruntime-node ' + require('onnxruntime-node/package.json').version"
node probe.cjs onnxruntime-node
node probe.cjs onnxruntime-web
echo 'Still so: small seeds begin next to 0, at other places in the two packages.'
