import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { addToHistogram, emptyHistogram } from '../../../src-shared/precision/activation-histogram.ts';
import { calibratedRange, logLevelsOf, type LayerRange } from '../../../src-shared/precision/layer-range.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import {
  clusterWeights,
  levelsOfBits,
  logLevelValue,
  quantiseLog,
} from '../../../src-shared/precision/weighted-entropy.ts';
import { layersOf } from '../../../src-main/network/graph-layers.ts';
import { withClusteredWeights } from '../../../src-main/network/clustered-weights.ts';
import { rawDataOf } from '../../../src-main/onnx/onnx-tensor.ts';
import { randomNetwork, writeModel } from '../onnx/onnx-models.ts';
import { openNetwork, planned, runExposed } from './quantised-tensors.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-log-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function prepared(seed: number) {
  const network = await openNetwork(writeModel(folder, `net-${seed}.onnx`, randomNetwork(seed)));
  const random = randomGenerator(seed);
  const pixels = Float32Array.from({ length: network.inputLength }, () => 2 * random() - 1);
  const { activations } = await network.activations(pixels, 1);
  const ranges = activations.map((values): LayerRange => {
    const histogram = emptyHistogram();
    addToHistogram(histogram, values);
    return calibratedRange(histogram, 99.99);
  });
  return { network, random, pixels, ranges };
}

test.each([1, 2, 3, 4, 5, 6])(
  'random net %i: every value is at the level the reference quantiser chooses',
  async (seed) => {
    const { network, random, pixels, ranges } = await prepared(seed);
    const image = planned(random, { bits: [5, 3, 0], inputBits: 6, quantiser: 'log', weightBits: 4 });
    const { before, after } = await runExposed(network, pixels, [image], ranges);
    let compared = 0;
    network.tensors.forEach(({ channels, height, width }, tensor) => {
      const bits = network.tensorBits(image.plan)[tensor]!;
      const levels = network.levelsOf(tensor, image);
      for (let at = 0; at < channels * height * width; at++) {
        const value = before[tensor]![0]![at]!;
        const own = logLevelsOf(ranges[tensor]!, bits[levels[at % (height * width)]!]!, network.isUnsigned(tensor));
        const quantised = after[tensor]![0]![at]!;
        // Halfway between two levels, single and double precision may part: the graph may take either neighbour.
        const wanted = [1 - 1e-5, 1, 1 + 1e-5].map(
          (nudge) => Math.sign(value) * quantiseLog(Math.abs(value) * nudge, own),
        );
        const error = Math.min(
          ...wanted.map((level) => Math.abs(quantised - level) / Math.max(Math.abs(level), 1e-30)),
        );
        expect(
          error,
          `tensor ${tensor}, value ${at}: ${value} became ${quantised}, expected ${wanted[1]}`,
        ).toBeLessThan(1e-4);
        compared++;
      }
    });
    expect(compared).toBeGreaterThan(100);
    await network.close();
  },
);

test('weights of a layer take no more magnitudes than their width has levels, and those of its clusters', async () => {
  const { network } = await prepared(7);
  const found = layersOf(network.file);
  const original = new Map(network.file.model.initializers.map((tensor) => [tensor.name, tensor]));
  const clustered = withClusteredWeights(network.file, network.file.model, found, 3, new Map()).model.initializers;
  for (const { weight } of found.layers) {
    const raw = rawDataOf(clustered.find((tensor) => tensor.name === weight.name)!.replacement!)!;
    const values = new Float32Array(raw.slice().buffer);
    const { data } = original.get(weight.name)!;
    const before = new Float32Array(network.file.source.view(data!.offset, data!.length).slice().buffer);
    const clusters = clusterWeights(before, levelsOfBits(3));
    const magnitudes = new Set(values.map(Math.abs));
    expect(magnitudes.size).toBeLessThanOrEqual(levelsOfBits(3));
    for (const magnitude of magnitudes) expect([0, ...clusters.values]).toContain(magnitude);
    values.forEach((value, at) => value !== 0 && expect(Math.sign(value)).toBe(Math.sign(before[at]!) || 1));
  }
  await network.close();
});

test('more bits follow the activations more closely', async () => {
  const { network, random, pixels, ranges } = await prepared(8);
  const noise = async (bits: number) => {
    const image = planned(random, { bits: [bits], inputBits: 8, quantiser: 'log', weightBits: 8 });
    const { before, after } = await runExposed(network, pixels, [image], ranges);
    return before.slice(1).reduce((sum, [values], tensor) => {
      const quantised = after[tensor + 1]![0]!;
      return sum + values!.reduce((own, value, at) => own + (value - quantised[at]!) ** 2, 0);
    }, 0);
  };
  const [coarse, middle, fine] = [await noise(2), await noise(4), await noise(6)];
  expect(coarse).toBeGreaterThan(middle!);
  expect(middle).toBeGreaterThan(fine!);
  await network.close();
});

test('a range calibrated without logarithmic levels is refused, zero bits need none', () => {
  expect(() => logLevelsOf(3.5, 4, true)).toThrow(expect.objectContaining({ code: 'calibration-missing' }));
  expect(logLevelsOf(3.5, 0, true).count).toBe(1);
  expect(logLevelsOf(3.5, 1, false).count).toBe(1);
});

test('level values rise by the step', () => {
  const levels = { offset: -32, step: 8, count: 5 };
  expect([0, 1, 2, 3, 4].map((level) => logLevelValue(levels, level))).toEqual([0, 0.25, 2 ** -1.5, 0.5, 2 ** -0.5]);
});
