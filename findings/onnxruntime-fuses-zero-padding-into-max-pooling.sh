#!/usr/bin/env bash
# ONNX Runtime merges a Pad of zeros into the MaxPool behind it, and the zeros turn into minus infinity.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: graph optimisations keep the meaning of a graph. "Basic" ones are documented as semantics-preserving rewrites. A Pad node puts
# real zeros beside the data, so a window that sees a zero and negative numbers has the maximum 0.
# Seen: true only with optimisations disabled. From level "basic" on (so by default) the Pad is folded into the MaxPool's own `pads`, which
# the operator's definition fills with minus infinity: the window answers with the largest negative number instead.
# Why it matters: networks converted from frameworks that pad by hand have exactly this pair. It does no harm behind a ReLU, where nothing
# is negative, and changes results behind any other activation. A tool that compares a run with optimisations against one without
# (to read inner tensors, say) sees two networks. optimization.disable_specified_optimizers = Pad_Fusion keeps the zeros.
# Output seen: disabled [0,-1,-2,0], basic [-1,-1,-2,-3], all [-1,-1,-2,-3].
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

const FLOAT = 1, INT64 = 7;
const value = (name, elemType, sizes) => ({
  name, type: { tensorType: { elemType, shape: { dim: sizes.map((dimValue) => ({ dimValue })) } } },
});
const text = (name, s) => ({ name, type: 3, s: Buffer.from(s) });
const integers = (name, ints) => ({ name, type: 7, ints });

// One row of three numbers, one zero put on each side, then the larger of each two neighbours.
const model = onnx.ModelProto.encode({
  irVersion: 8,
  opsetImport: [{ version: 17 }],
  graph: {
    name: 'padded',
    input: [value('x', FLOAT, [1, 1, 1, 3])],
    output: [value('y', FLOAT, [1, 1, 1, 4])],
    initializer: [
      { name: 'pads', dataType: INT64, dims: [8], int64Data: [0, 0, 0, 1, 0, 0, 0, 1] },
      { name: 'zero', dataType: FLOAT, dims: [], floatData: [0] },
    ],
    node: [
      { opType: 'Pad', input: ['x', 'pads', 'zero'], output: ['padded'], attribute: [text('mode', 'constant')] },
      { opType: 'MaxPool', input: ['padded'], output: ['y'], attribute: [integers('kernel_shape', [1, 2])] },
    ],
  },
}).finish();

const pool = async (graphOptimizationLevel) => {
  const session = await ort.InferenceSession.create(model, { graphOptimizationLevel });
  const { y } = await session.run({ x: new ort.Tensor('float32', [-1, -2, -3], [1, 1, 1, 3]) });
  return JSON.stringify([...y.data]);
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const seen = {};
  for (const level of ['disabled', 'basic', 'all']) {
    seen[level] = await pool(level);
    console.log(`${level.padEnd(8)} ${seen[level]}`);
  }
  if (seen.disabled !== '[0,-1,-2,0]' || seen.basic !== '[-1,-1,-2,-3]' || seen.all !== seen.basic) {
    console.error('The behaviour has changed: level "basic" no longer replaces the zeros of Pad by minus infinity.');
    process.exit(1);
  }
  console.log('Still so: a Pad of zeros before MaxPool counts only while graph optimisations are disabled.');
})();
EOF
node probe.cjs
