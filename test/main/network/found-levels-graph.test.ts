import { join } from 'node:path';
import { expect, test } from 'vitest';
import { prepareImage } from '../../../src-main/engine/inside/image-analysis.ts';
import { openModel } from '../../../src-main/engine/inside/opened-model.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { foundSensitive } from '../../../src-shared/precision/found-levels.ts';
import type { LayerRange } from '../../../src-shared/precision/layer-range.ts';
import { addScores, calibratedScores, emptyScores } from '../../../src-shared/precision/layer-scores.ts';
import { foundLevels, type PlanOptions, type Window } from '../../../src-shared/precision/precision-plan.ts';
import { thresholdOf } from '../../../src-main/network/network-inputs.ts';
import type { Network } from '../../../src-main/network/network.ts';
import { type ModelStyle, randomNetwork, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { difference, expected, openNetwork, planned, randomPixels, runExposed } from './quantised-tensors.ts';

/** Ranges as calibration on just these images would find them. */
async function calibrated(network: Network, pixels: Float32Array, count: number): Promise<LayerRange[]> {
  const scores = network.tensors.map(() => emptyScores());
  for (let image = 0; image < count; image++) {
    const own = pixels.subarray(image * network.inputLength, (image + 1) * network.inputLength);
    const { activations } = await network.activations(own, 1);
    activations.forEach((values, tensor) => {
      if (network.findsLevels(tensor)) addScores(scores[tensor]!, { ...network.tensors[tensor]!, values });
    });
  }
  return scores.map((own, tensor) => ({
    range: 4,
    logScales: [],
    ...(network.findsLevels(tensor) ? { scores: calibratedScores(own) } : {}),
  }));
}

const METRICS = ['sensitivity', 'outliers', 'inverse:sensitivity', 'inverse:outliers'] as const;
const RANGES: readonly PlanOptions[] = [
  {},
  { powerOfTwo: true },
  { range: 'layer' },
  { range: 'block', blockScale: 'power-of-two' },
];
const STYLES: readonly Partial<ModelStyle>[] = [{}, { opset: 7 }, { opset: 18 }, { layout: 'NHWC' }, { batch: 1 }];

test.each(STYLES.map((style, seed) => [style, seed] as const))(
  'a graph of style %j finds the levels that the reference finds, and quantises by them, to the bit',
  async (style, seed) => {
    const network = await openNetwork(writeModel(temporaryFolder(), 'net.onnx', randomNetwork(20 + seed, style)));
    const random = randomGenerator(seed);
    const count = style.batch === 1 ? 1 : 3;
    const pixels = randomPixels(random, network.inputLength * count);
    const ranges = await calibrated(network, pixels, count);
    let differing = 0;
    for (const [at, options] of RANGES.entries())
      for (const metric of METRICS) {
        const window = ([1, 3, 5, 7] as const satisfies Window[])[(at + METRICS.indexOf(metric)) % 4]!;
        // Each image of a batch has its own share.
        const images = Array.from({ length: count }, (_, image) =>
          planned(random, { ...options, metric, window, lowShare: [0.25, 0.5, 1][image]!, bits: [6, 2], regions: 4 }),
        );
        const { before, after, planned: found } = await runExposed(network, pixels, images, ranges);
        images.forEach(({ plan }, image) => {
          network.tensors.forEach((shape, tensor) => {
            const values = before[tensor]![image]!;
            const where = `${metric} ${window} ${plan.range}, tensor ${tensor}, image ${image}`;
            const levels = network.levelsOf(tensor, found[image]!);
            if (network.findsLevels(tensor)) {
              const own = foundLevels(plan)!;
              const sensitive = foundSensitive({ ...shape, values }, own, thresholdOf(plan, own, ranges[tensor]!));
              const wanted = sensitive.map((one) => (metric.startsWith('inverse') ? 1 - one : one));
              expect(levels, where).toEqual(wanted);
              if (new Set(levels).size > 1) differing++;
            } else expect(levels.every((level) => level === 1)).toBe(true);
            const wanted = expected(network, tensor, values, found[image]!, ranges);
            expect(difference(after[tensor]![image]!, wanted), where).toBeNull();
          });
        });
      }
    expect(differing).toBeGreaterThan(20);
    await network.close();
  },
);

/** The masks of DRQ as anybody would write them down: mean magnitudes, mean filter over what lies on the map, threshold. */
function plainMask(
  values: Float32Array,
  channels: number,
  height: number,
  width: number,
  k: number,
  threshold: number,
) {
  const mask: number[] = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      let count = 0;
      for (let dy = -(k - 1) / 2; dy <= (k - 1) / 2; dy++)
        for (let dx = -(k - 1) / 2; dx <= (k - 1) / 2; dx++) {
          const [row, column] = [y + dy, x + dx];
          if (row < 0 || column < 0 || row >= height || column >= width) continue;
          count++;
          for (let c = 0; c < channels; c++) sum += Math.abs(values[(c * height + row) * width + column]!) / channels;
        }
      mask.push(sum / count > threshold ? 1 : 0);
    }
  return mask;
}

test.each([3, 5] as const)(
  'the masks of three layers of the embedded model, window %i, are those of plain arithmetic',
  async (window) => {
    const project = join(import.meta.dirname, '..', '..', '..');
    const { network, model } = await openModel({ path: join(project, 'models', 'fovea-caltech101.onnx') });
    const pixels = new Float32Array(network.inputLength);
    await prepareImage(join(project, 'resources', 'samples', 'sunflower.jpg'), model.preprocessing, pixels);
    const ranges = await calibrated(network, pixels, 1);
    const image = planned(randomGenerator(1), { metric: 'sensitivity', window, lowShare: 0.4, bits: [8, 4] });
    const two = Float32Array.of(...pixels, ...pixels);
    const { activations, planned: found } = await network.quantised(two, [image, image], ranges, true);
    for (const tensor of [1, 4, 7]) {
      const { channels, height, width } = network.tensors[tensor]!;
      const values = activations[tensor]!.subarray(0, channels * height * width);
      const threshold = thresholdOf(image.plan, foundLevels(image.plan)!, ranges[tensor]!);
      const mask = plainMask(values, channels, height, width, window, threshold);
      expect([...found[0]!.found![tensor]!]).toEqual(mask);
      // Thresholds come from the plain network, and the plan changes what layers behind it see.
      const share = mask.filter((own) => own === 0).length / mask.length;
      expect(Math.abs(share - 0.4)).toBeLessThan(0.2);
    }
    await network.close();
  },
);
