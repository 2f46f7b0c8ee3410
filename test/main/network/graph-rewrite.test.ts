import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Network } from '../../../src-main/network/network.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import type { PlanOptions } from '../../../src-shared/precision/plan-option-table.ts';
import { randomNetwork, STYLES, writeModel } from '../onnx/onnx-models.ts';
import { difference, expected, openNetwork, planned, randomPixels, runExposed } from './quantised-tensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-rewrite-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NETWORKS_PER_STYLE = 6;
const BATCHES = 4;

const VARIANTS = [
  { range: 'position', powerOfTwo: false },
  { range: 'position', powerOfTwo: true },
  { range: 'layer', powerOfTwo: false },
  { range: 'block', blockScale: 'power-of-two' },
  { range: 'block', blockScale: 'e4m3', blockFloor: 0.2 },
] as const satisfies readonly PlanOptions[];

let cases = 0;

async function checkNetwork(network: Network, random: () => number): Promise<void> {
  const integer = (below: number) => Math.floor(random() * below);
  for (const variant of VARIANTS)
    for (let batch = 0; batch < BATCHES; batch++) {
      const count = network.file.fixedBatch ? 1 : 1 + integer(3);
      // Each image has a plan, a grid and a number of levels of its own.
      const images = Array.from({ length: count }, () => {
        const levels = 1 + integer(4);
        return planned(random, {
          ...variant,
          regions: 1 + integer(6),
          bits: Array.from({ length: levels }, () => integer(17)),
          inputBits: integer(17),
          layerBits: Object.fromEntries(
            network.layers
              .filter(() => random() < 0.3)
              .map((layer) => [layer.name, Array.from({ length: levels }, () => integer(17))]),
          ),
        });
      });
      const ranges = variant.range === 'layer' ? network.tensors.map(() => (random() < 0.1 ? 0 : random() * 3)) : null;
      const pixels = randomPixels(random, network.inputLength * count);
      const { before, after } = await runExposed(network, pixels, images, ranges);
      for (const [tensor, own] of after.entries())
        for (const [image, actual] of own.entries()) {
          cases++;
          const wanted = expected(network, tensor, before[tensor]![image]!, images[image]!, ranges);
          const found = difference(actual, wanted);
          if (found) expect.fail(`${JSON.stringify(variant)} tensor ${tensor} of image ${image} of ${count}: ${found}`);
        }
    }
}

describe.each(STYLES.map((style, index) => ({ style, index, name: JSON.stringify(style) })))(
  '$name',
  ({ style, index }) => {
    test('the quantised tensors are those of the reference quantiser, to the bit', async () => {
      for (let n = 0; n < NETWORKS_PER_STYLE; n++) {
        const seed = 1000 * index + n;
        const model = randomNetwork(seed, style);
        const network = await openNetwork(writeModel(folder, `${seed}.onnx`, model));
        await checkNetwork(network, randomGenerator(seed));
        await network.close();
      }
    });

    test('the layers are found with their shapes, MACs and weights', async () => {
      for (let n = 0; n < NETWORKS_PER_STYLE; n++) {
        const seed = 1000 * index + n;
        const model = randomNetwork(seed, style);
        const network = await openNetwork(writeModel(folder, `${seed}.onnx`, model));
        expect(network.layers).toEqual(model.layers);
        expect(network.scoreCount).toBe(6);
        await network.close();
      }
    });

    test('letting all values pass gives the plain answer, exactly', async () => {
      for (let n = 0; n < NETWORKS_PER_STYLE; n++) {
        const seed = 1000 * index + n;
        const network = await openNetwork(writeModel(folder, `${seed}.onnx`, randomNetwork(seed, style)));
        const count = network.file.fixedBatch ? 1 : 3;
        const pixels = randomPixels(randomGenerator(seed), network.inputLength * count);
        const plain = await network.plain(pixels, count);
        const passed = await network.activations(pixels, count);
        expect(difference(passed.scores, plain.scores), `seed ${seed}`).toBeNull();
        await network.close();
      }
    });
  },
);

test('thousands of tensors were compared', () => {
  expect(cases).toBeGreaterThan(3000);
});
