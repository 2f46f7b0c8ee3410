// Compares ONNX Runtime's answer with torch's: node check.mjs MODEL FOLDER, where FOLDER holds pixels.f32 and
// probabilities.f32 (little-endian float32) as export.py writes them. Exit code 1 when they differ by 1e-4 or more.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

// Before the library is loaded: it reports to its maker otherwise.
process.env.ORT_DISABLE_TELEMETRY = '1';
const { default: ort } = await import('onnxruntime-node');

const TOLERANCE = 1e-4;
const [model, folder] = process.argv.slice(2);

function floats(name) {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
}

const session = await ort.InferenceSession.create(model);
const [, ...shape] = session.inputMetadata[0].shape;
const pixels = floats('pixels.f32');
const count = pixels.length / shape.reduce((product, side) => product * side);
const input = new ort.Tensor('float32', pixels, [count, ...shape]);
const { probabilities } = await session.run({ pixels: input });
const expected = floats('probabilities.f32');
const difference = Math.max(...probabilities.data.map((value, index) => Math.abs(value - expected[index])));
console.log(`ONNX Runtime against torch, ${count} photos: largest difference ${difference.toExponential(1)}`);
if (!(difference < TOLERANCE) || expected.length !== probabilities.data.length) {
  console.error(`Expected less than ${TOLERANCE}.`);
  process.exitCode = 1;
}
