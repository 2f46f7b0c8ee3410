#!/usr/bin/env bash
# ONNX's coordinate mode pytorch_half_pixel takes the first pixel for an output of one pixel; PyTorch, whose name it bears, takes the middle.
#
# Packages: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1; any Node from 20) and Debian 12's python3-torch 1.13.1 (installed with
# apt-get where it is missing, which needs root and half a gigabyte).
#
# Expected: Resize with pytorch_half_pixel gives what torch.nn.functional.interpolate gives with align_corners=False.
# Seen: for [1, 2, 3, 4] resized to one number ONNX Runtime gives 1, which is what the definition of the mode asks for ("if length_resized > 1 ...
# else 0"); PyTorch and the mode half_pixel give 2.5. Bicubic does the same. From two numbers on all three agree.
# Why it matters: pyramid pooling and heads that resize to 1 x 1 read the corner of the map instead of its middle after an export or a port that
# trusts the name; every test with larger outputs passes.
# Output seen: 1 number: pytorch_half_pixel 1, half_pixel 2.5, PyTorch 2.5; 2 numbers: 1.5, 3.5 from all.
set -euo pipefail
export ORT_DISABLE_TELEMETRY=1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
dpkg -s python3-torch > /dev/null 2>&1 || { apt-get update -qq && apt-get install -y -qq python3-torch > /dev/null; }
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund onnxruntime-node@1.30.0 onnx-proto@8.0.1

cat > probe.py <<'EOF'
import warnings

warnings.filterwarnings("ignore")
import torch
from torch.nn.functional import interpolate

row = torch.tensor([[[[1.0, 2.0, 3.0, 4.0]]]])
print("torch", torch.__version__)
for width in (1, 2):
    seen = interpolate(row, size=(1, width), mode="bilinear", align_corners=False).flatten().tolist()
    print(f"{width}: PyTorch {seen}")
    assert seen == {1: [2.5], 2: [1.5, 3.5]}[width], "PyTorch has changed"
EOF

cat > probe.cjs <<'EOF'
const { onnx } = require('onnx-proto');
const ort = require('onnxruntime-node');

const FLOAT = 1, INT64 = 7;
const value = (name, width) => ({
  name, type: { tensorType: { elemType: FLOAT, shape: { dim: [1, 1, 1, width].map((dimValue) => ({ dimValue })) } } },
});

const resize = async (coordinates, width) => {
  const text = (name, s) => ({ name, type: 3, s: Buffer.from(s) });
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 18 }],
    graph: {
      name: 'resize',
      input: [value('x', 4)],
      output: [value('y', width)],
      initializer: [{ name: 'sizes', dataType: INT64, dims: [4], int64Data: [1, 1, 1, width] }],
      node: [{
        opType: 'Resize', input: ['x', '', '', 'sizes'], output: ['y'],
        attribute: [text('mode', 'linear'), text('coordinate_transformation_mode', coordinates)],
      }],
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const seen = [...(await session.run({ x: new ort.Tensor('float32', [1, 2, 3, 4], [1, 1, 1, 4]) })).y.data];
  console.log(`${width}: ${coordinates} ${seen}`);
  return seen.join();
};

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const one = await resize('pytorch_half_pixel', 1);
  const half = await resize('half_pixel', 1);
  const two = await resize('pytorch_half_pixel', 2);
  if (one !== '1' || half !== '2.5' || two !== '1.5,3.5') {
    console.error('The behaviour has changed: one pixel is taken from elsewhere.');
    process.exit(1);
  }
  console.log('Still so: a single output pixel is the corner in ONNX and the middle in PyTorch.');
})();
EOF
/usr/bin/python3 probe.py
node probe.cjs
