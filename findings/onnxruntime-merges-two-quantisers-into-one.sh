#!/usr/bin/env bash
# ONNX Runtime turns two quantisers in a row into one, so the coarser grid leaves no trace in the result.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: QuantizeLinear -> DequantizeLinear (step 0.3) -> QuantizeLinear -> DequantizeLinear (step 0.1) rounds twice. Level "basic"
# promises to keep the meaning; and with session.disable_quant_qdq = 1 nothing at all should touch these operators.
# Seen: with optimisations disabled the numbers are rounded twice. From level "basic" on one pair is dropped and the numbers are rounded
# once, to tenths: 0.41 becomes 0.4, though the first grid has only 0.3 and 0.6. session.disable_quant_qdq does not switch this off.
# Why it matters: who simulates a narrower data path in front of an existing quantised layer (re-quantising 8-bit activations, a coarse
# buffer before a finer adder) measures an accuracy that the narrow path never touched. Nothing warns. The session setting
# optimization.disable_specified_optimizers = DoubleQDQPairsRemover keeps both.
# Output seen: disabled 0.3,0.3,0.9,1.2; basic and all, with or without the option: 0.3,0.4,1,1.1.
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

const FLOAT = 1, UINT8 = 2, INPUT = [0.26, 0.41, 0.97, 1.12];
const value = (name) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: INPUT.length }] } } } });
const scale = (name, step) => ({ name, dataType: FLOAT, dims: [], floatData: [step] });
const quantiser = (from, to, step, zeroPoint) => [
  { opType: 'QuantizeLinear', input: [from, step, zeroPoint], output: [`${to}_bytes`] },
  { opType: 'DequantizeLinear', input: [`${to}_bytes`, step, zeroPoint], output: [to] },
];

const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'twice',
    input: [value('x')],
    output: [value('y')],
    initializer: [
      scale('coarse', 0.3),
      scale('fine', 0.1),
      { name: 'ten', dataType: UINT8, dims: [], int32Data: [10] },
      { name: 'zero', dataType: UINT8, dims: [], int32Data: [0] },
    ],
    node: [...quantiser('x', 'rounded', 'coarse', 'ten'), ...quantiser('rounded', 'y', 'fine', 'zero')],
  },
}).finish();

const round = async (options) => {
  const session = await ort.InferenceSession.create(model, options);
  const { y } = await session.run({ x: new ort.Tensor('float32', INPUT, [INPUT.length]) });
  return Array.from(y.data, (v) => Number(v.toFixed(5))).join(',');
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const untouched = await round({ graphOptimizationLevel: 'disabled' });
  const basic = await round({ graphOptimizationLevel: 'basic' });
  const option = await round({ graphOptimizationLevel: 'all', extra: { session: { disable_quant_qdq: '1' } } });
  console.log('input   ', INPUT.join(','));
  console.log('disabled', untouched);
  console.log('basic   ', basic);
  console.log('all, session.disable_quant_qdq = 1', option);
  if (untouched !== '0.3,0.3,0.9,1.2') {
    console.error('The behaviour has changed: even without optimisations the two quantisers give something else.');
    process.exit(1);
  }
  if (basic !== '0.3,0.4,1,1.1' || option !== basic) {
    console.error('The behaviour has changed: two quantisers in a row are no longer merged into one.');
    process.exit(1);
  }
  console.log('Still so: at level "basic" the first of two quantisers in a row is gone.');
})();
EOF
node probe.cjs
