#!/usr/bin/env bash
# CDist of ONNX Runtime finds that (10000, 10001) and (10000, 10002) are 0 apart.
#
# Package: onnxruntime-node 1.30.0 (models written with onnx-proto 8.0.1). Any Node from 20.
#
# Expected: CDist is the operator that scikit-learn's nearest neighbours are exported to, after SciPy's cdist. Both points are exact floats, their
# difference is exact, and so is the distance 1. Sub, Mul, ReduceSum and Sqrt give it.
# Seen: 0. The distance is computed as |a|^2 + |b|^2 - 2ab, in 32 bits: of squares of 2e8, whose steps are 16, a distance below 4 is what rounding
# leaves over. With the points moved to (0, 1) and (0, 2) it is 1. The description of the operator does not say so.
# Why it matters: a nearest neighbour among dates, coordinates or pixel values that are not centred is any of the near ones, and duplicates appear
# where there are none; the model was right in scikit-learn.
# Output seen: distance 0 where it is 1, and a point at 3 is found at 4 or so; by Sub and ReduceSum 1 and 3.
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
const value = (name, rows) => ({ name, type: { tensorType: { elemType: FLOAT, shape: { dim: [{ dimValue: rows }, { dimValue: 2 }] } } } });
const string = (name, s) => ({ name, type: 3, s: Buffer.from(s) });
const run = async (points, others, node) => {
  const model = onnx.ModelProto.encode({
    irVersion: 8,
    opsetImport: [{ version: 17 }, { domain: 'com.microsoft', version: 1 }],
    graph: {
      name: 'distance', input: [value('a', 1), value('b', others.length)], output: [{ name: 'y', type: { tensorType: { elemType: FLOAT } } }],
      initializer: [{ name: 'axes', dataType: 7, dims: [1], int64Data: [1] }], node,
    },
  }).finish();
  const session = await ort.InferenceSession.create(model);
  const seen = await session.run({ a: new ort.Tensor('float32', points, [1, 2]), b: new ort.Tensor('float32', others.flat(), [others.length, 2]) });
  return [...seen.y.data];
};
const CDIST = [{ opType: 'CDist', domain: 'com.microsoft', input: ['a', 'b'], output: ['y'], attribute: [string('metric', 'euclidean')] }];
const PLAIN = [
  { opType: 'Sub', input: ['a', 'b'], output: ['d'] },
  { opType: 'Mul', input: ['d', 'd'], output: ['q'] },
  { opType: 'ReduceSum', input: ['q', 'axes'], output: ['s'] },
  { opType: 'Sqrt', input: ['s'], output: ['y'] },
];

(async () => {
  console.log('onnxruntime-node', require('onnxruntime-node/package.json').version);
  const far = [];
  for (const offset of [0, 10000]) {
    const point = [offset, offset + 1];
    const others = [[offset, offset + 2], [offset, offset + 4], [offset + 10, offset + 1]];
    const wanted = others.map(([x, y]) => Math.hypot(x - point[0], y - point[1]));
    const plain = await run(point, others, PLAIN);
    const seen = await run(point, others, CDIST);
    console.log(`around ${offset}: CDist ${seen.map((d) => +d.toFixed(3))}; by Sub and ReduceSum ${plain}; exact ${wanted}`);
    if (plain.join() !== wanted.join()) throw new Error('the plain distance is not what this probe expects');
    if (offset === 0 && seen.some((d, i) => Math.abs(d - wanted[i]) > 1e-3)) throw new Error('CDist around zero is not what this probe expects');
    far.push(seen[0]);
  }
  if (far[1] !== 0) {
    console.error('The behaviour has changed: the distance is not zero.');
    process.exit(1);
  }
  console.log('Still so: a distance of 1 is 0 far from zero.');
})();
EOF
node probe.cjs
