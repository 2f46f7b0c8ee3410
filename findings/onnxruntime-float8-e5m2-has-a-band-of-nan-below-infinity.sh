#!/usr/bin/env bash
# Numbers between 61440 and 65536 become NaN in ONNX Runtime's float8 E5M2 without saturation; larger ones become infinity.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: FLOAT8E5M2 has an infinity, and ONNX's table for Cast with saturate = 0 sends whatever rounds beyond the largest number
# (57344) to it, as float16 does beyond 65504.
# Seen: 61439 is 57344; 61440 to 65535 are NaN; 65536 and everything above is infinity. The mantissa is rounded up without a carry into
# the exponent, and the bit pattern behind the largest number's exponent is one of NaN. The same on the negative side.
# Why it matters: "is it infinite?" is how overflow is counted. Here the mildest overflow is reported as an invalid operation and the
# wild one as an overflow; a maximum taken afterwards may skip the NaN and report that nothing happened.
# Output seen: 61439 -> 57344, 61440 -> NaN, 65535 -> NaN, 65536 -> Infinity, -65535 -> NaN; all 57344 with saturate = 1.
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

const FLOAT = 1, FLOAT8E5M2 = 19, INPUT = [57344, 61439, 61440, 63000, 65535, 65536, 1e6, -65535, -65536];
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: INPUT.length }] } } } });
const integer = (name, i) => ({ name, type: 2, i });

const throughFloat8 = async (saturate) => {
  const model = onnx.ModelProto.encode({
    irVersion: 10,
    opsetImport: [{ version: 21 }],
    graph: {
      name: 'float8',
      input: [value('x')],
      output: [value('y')],
      node: [
        { opType: 'Cast', input: ['x'], output: ['narrow'], attribute: [integer('to', FLOAT8E5M2), integer('saturate', saturate)] },
        { opType: 'Cast', input: ['narrow'], output: ['y'], attribute: [integer('to', FLOAT)] },
      ],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  return [...(await session.run({ x: new ort.Tensor('float32', INPUT, [INPUT.length]) })).y.data];
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const free = await throughFloat8(0);
  const saturated = await throughFloat8(1);
  INPUT.forEach((number, i) => console.log(`${number} -> ${free[i]}, saturated ${saturated[i]}`));
  if (saturated.some((number, i) => number !== Math.sign(INPUT[i]) * 57344)) throw new Error('saturation is not what this probe expects');
  if (free.join() !== '57344,57344,NaN,NaN,NaN,Infinity,Infinity,NaN,-Infinity') {
    console.error('The behaviour has changed: there is no band of NaN below infinity any more.');
    process.exit(1);
  }
  console.log('Still so: a little too large is NaN, far too large is infinity.');
})();
EOF
node probe.cjs
