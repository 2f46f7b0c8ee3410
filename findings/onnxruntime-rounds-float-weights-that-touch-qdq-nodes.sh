#!/usr/bin/env bash
# Weights left in float between a DequantizeLinear and a QuantizeLinear are rounded to 8 bits by ONNX Runtime, one scale for all channels.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: Q/DQ nodes say what is quantised. A model that quantises activations only, with float weights, keeps its weights.
# Seen: at load, from optimisation level "basic" on, a convolution with such neighbours gets its weights quantised as well, symmetrically
# and per tensor. A channel whose weights are 1000 times smaller than the largest becomes all zeros. session.disable_quant_qdq = 1
# prevents it; levels below "basic" as well. Nothing is logged.
# Why it matters: this is exactly the model that a study of activation bits writes. The accuracy it then measures includes 8-bit weights
# that nobody asked for, coarser than any exporter's per-channel ones.
# Output seen (second channel): disabled 0.001,0.002,0.003; all 0,0,0; all with the option 0.001,0.002,0.003.
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

const FLOAT = 1, UINT8 = 2;
const value = (name, dims) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: dims.map((dimValue) => ({ dimValue })) } } } });
const floats = (name, dims, floatData) => ({ name, dataType: FLOAT, dims, floatData });
const quantiser = (from, to, step) => [
  { opType: 'QuantizeLinear', input: [from, step, 'zero'], output: [`${to}_bytes`] },
  { opType: 'DequantizeLinear', input: [`${to}_bytes`, step, 'zero'], output: [to] },
];

// One input channel, two 1 x 1 kernels: 1 and 0.001. The output step of 0.0001 is fine enough for the small one.
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'activations only',
    input: [value('x', [1, 1, 1, 3])],
    output: [value('y', [1, 2, 1, 3])],
    initializer: [
      floats('step_in', [], [0.1]),
      floats('step_out', [], [0.0001]),
      floats('weights', [2, 1, 1, 1], [1, 0.001]),
      { name: 'zero', dataType: UINT8, dims: [], int32Data: [0] },
    ],
    node: [
      ...quantiser('x', 'activation', 'step_in'),
      { opType: 'Conv', input: ['activation', 'weights'], output: ['sum'] },
      ...quantiser('sum', 'y', 'step_out'),
    ],
  },
}).finish();

const smallChannel = async (options) => {
  const session = await ort.InferenceSession.create(model, options);
  const { y } = await session.run({ x: new ort.Tensor('float32', [1, 2, 3], [1, 1, 1, 3]) });
  return Array.from(y.data.subarray(3), (v) => Number(v.toFixed(5))).join(',');
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const disabled = await smallChannel({ graphOptimizationLevel: 'disabled' });
  const basic = await smallChannel({ graphOptimizationLevel: 'basic' });
  const all = await smallChannel({});
  const option = await smallChannel({ extra: { session: { disable_quant_qdq: '1' } } });
  console.log('disabled', disabled);
  console.log('basic   ', basic);
  console.log('all     ', all);
  console.log('all, session.disable_quant_qdq = 1', option);
  if (disabled !== '0.001,0.002,0.003' || option !== disabled || basic !== '0,0,0' || all !== basic) {
    console.error('The behaviour has changed: float weights beside Q/DQ nodes are no longer rounded to 8 bits.');
    process.exit(1);
  }
  console.log('Still so: the small channel is gone unless the option is set.');
})();
EOF
node probe.cjs
