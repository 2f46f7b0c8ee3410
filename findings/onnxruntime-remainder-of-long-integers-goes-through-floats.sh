#!/usr/bin/env bash
# Mod of int64 with fmod = 1 goes through 64-bit floats: 9007199254740993 modulo 10 is 2, and 3 with fmod = 0.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: with fmod = 1 the remainder has the sign of the dividend, with fmod = 0 that of the divisor. Numbers without sign have the same remainder
# either way, and int64 is exact.
# Seen: above 2^53 the dividend is rounded to a float first, so that remainders are off by up to the rounding: by 1 just above 2^53, by hundreds near
# 2^63. Opposite signs and numbers up to 2^53 are right, and so is fmod = 0 everywhere.
# Why it matters: fmod = 1 is what exporters write for C's %, and identifiers and hashes of 64 bits are put into buckets with it: the embedding that
# is looked up is that of another bucket than in training, and neighbours share one.
# Output seen: 9007199254740993 % 10: fmod 0 3, fmod 1 2; 9223372036854775807 % 1000: fmod 0 807, fmod 1 808.
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

const INT64 = 7;
const value = (name) => ({ name, type: { tensorType: { elemType: INT64, shape: { dim: [{ dimValue: 1 }] } } } });
const mod = async (dividend, divisor, fmod) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }],
    graph: {
      name: 'mod', input: [value('a'), value('b')], output: [value('y')],
      node: [{ opType: 'Mod', input: ['a', 'b'], output: ['y'], attribute: [{ name: 'fmod', type: 2, i: fmod }] }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const tensor = (number) => new ort.Tensor('int64', BigInt64Array.of(number), [1]);
  return (await session.run({ a: tensor(dividend), b: tensor(divisor) })).y.data[0];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const wrong = [];
  for (const [dividend, divisor] of [[1234567n, 1000n], [-1234567n, 1000n], [9007199254740993n, 10n], [9223372036854775807n, 1000n]]) {
    const exact = dividend % divisor;
    const floor = await mod(dividend, divisor, 0);
    const seen = await mod(dividend, divisor, 1);
    console.log(`${dividend} % ${divisor}: exact ${exact}, fmod 0 ${floor}, fmod 1 ${seen}`);
    if ((floor - exact) % divisor !== 0n || (dividend > 0n && floor !== exact)) throw new Error('fmod 0 is not what this probe expects');
    if (seen !== exact) wrong.push(seen);
  }
  if (wrong.join() !== '2,808') {
    console.error('The behaviour has changed: fmod 1 has other remainders.');
    process.exit(1);
  }
  console.log('Still so: long integers are rounded before they are divided.');
})();
EOF
node probe.cjs
