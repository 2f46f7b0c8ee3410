import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { bytesSource } from '../../../../src-main/onnx/byte-source.ts';
import { readModel } from '../../../../src-main/onnx/onnx-file.ts';
import { concatBytes, encodeMessage, encodeString } from '../../../../src-main/onnx/protobuf-wire.ts';
import { countPallets } from '../../../../src-shared/energy/pallets.ts';

const root = join(import.meta.dirname, '../../../..');
const modelPath = join(root, 'models/fovea-caltech101.onnx');
const photoPath = join(root, 'resources/samples/sunflower.jpg');

interface Activation {
  readonly channels: number;
  readonly positions: number;
  readonly data: Float32Array;
}

/** What the embedded model's convolutions read, taken from ONNX Runtime. */
async function activations(): Promise<Activation[]> {
  const bytes = readFileSync(modelPath);
  const convolutions = readModel(bytesSource(bytes)).nodes.filter(({ opType }) => opType === 'Conv');
  const names = [...new Set(convolutions.slice(1).map(({ inputs }) => inputs[0]!))];
  // A message appended to another is merged into it: GraphProto.output (12) of ModelProto.graph (7) grows by these values.
  const outputs = names.map((name) => encodeMessage(12, encodeString(1, name)));
  const session = await InferenceSession.create(concatBytes([bytes, encodeMessage(7, ...outputs)]));
  const { data } = await sharp(photoPath).resize(128, 128).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const pixels = Float32Array.from({ length: 3 * 128 * 128 }, (_, i) => {
    const [channel, position] = [Math.floor(i / (128 * 128)), i % (128 * 128)];
    return (data[3 * position + channel]! / 255 - 0.5) / 0.25;
  });
  const results = await session.run(
    { [session.inputNames[0]!]: new Tensor('float32', pixels, [1, 3, 128, 128]) },
    names,
  );
  return names.map((name) => {
    const { dims, data } = results[name]!;
    if (!(data instanceof Float32Array)) throw new Error(`${name} holds no float32 values`);
    return { channels: dims[1]!, positions: dims[2]! * dims[3]!, data };
  });
}

/** Integers of `bits` with one range for each position, the largest of its channels. */
function quantise({ channels, positions, data }: Activation, bits: number): Uint16Array {
  const magnitudes = new Uint16Array(data.length);
  for (let p = 0; p < positions; p++) {
    let largest = 0;
    for (let c = 0; c < channels; c++) largest = Math.max(largest, Math.abs(data[c * positions + p]!));
    for (let i = p; i < data.length; i += positions)
      magnitudes[i] = largest === 0 ? 0 : Math.round((Math.abs(data[i]!) / largest) * (2 ** bits - 1));
  }
  return magnitudes;
}

const digits = (magnitude: number) => magnitude.toString(2).replaceAll('0', '').length;

describe.skipIf(!existsSync(modelPath) || !existsSync(photoPath))('counts on activations of a real photo', () => {
  let layers: Activation[];
  beforeAll(async () => {
    layers = await activations();
    expect(layers.length).toBeGreaterThan(3);
  });

  it.each([2, 4, 8, 12])('at %i bits, one-bits are as many as digits 1', (bits) => {
    for (const layer of layers) {
      const magnitudes = quantise(layer, bits);
      let ones = 0;
      for (const magnitude of magnitudes) ones += digits(magnitude);
      expect(ones).toBeGreaterThan(0);
      expect(countPallets(magnitudes, layer.channels, layer.positions, 0).nonZeroBits).toBeCloseTo(
        ones / magnitudes.length,
        12,
      );
    }
  });

  it('a pallet takes the steps of its richest value when all bits are within reach, and more when they are not', () => {
    for (const { channels, positions, ...layer } of layers) {
      const magnitudes = quantise({ channels, positions, ...layer }, 8);
      const narrow = magnitudes.map((magnitude) => magnitude >> 4);
      expect(countPallets(narrow, channels, positions, 0).steps).toBeCloseTo(
        richestLane(narrow, channels, positions),
        9,
      );
      const steps = countPallets(magnitudes, channels, positions, 0).steps;
      expect(steps).toBeGreaterThanOrEqual(richestLane(magnitudes, channels, positions) - 1e-9);
      expect(steps).toBeLessThanOrEqual(8);
    }
  });
});

/** Mean over values of the most one-bits in their pallet. */
function richestLane(magnitudes: Uint16Array, channels: number, positions: number): number {
  let sum = 0;
  for (let c = 0; c < channels; c += 16)
    for (let p = 0; p < positions; p += 16) {
      const lanes: number[] = [];
      for (let channel = c; channel < Math.min(c + 16, channels); channel++)
        for (let position = p; position < Math.min(p + 16, positions); position++)
          lanes.push(digits(magnitudes[channel * positions + position]!));
      sum += Math.max(...lanes) * lanes.length;
    }
  return sum / magnitudes.length;
}
