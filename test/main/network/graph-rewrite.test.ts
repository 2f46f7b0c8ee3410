import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Network } from '../../../src-main/network/network.ts';
import { rewriteOptionsOf } from '../../../src-main/network/rewrite-options.ts';
import type { RewriteOptions } from '../../../src-main/network/rewrite-options.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import type { PlanOptions } from '../../../src-shared/precision/plan-option-table.ts';
import { type Feature, ModelBuilder, randomNetwork, STYLES, writeModel } from '../onnx/onnx-models.ts';
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

test.each([
  { opset: 8, irVersion: 3, weightsAsInputs: true },
  { opset: 18, irVersion: 8 },
])('maps of many channels are quantised as the reference does it, to the bit: opset $opset', async (style) => {
  const b = new ModelBuilder(64, style);
  const conv = (x: Feature, out: number) => b.conv(x, { out, kernel: [3, 3], padding: 1 });
  // Without sign and with it; 68 channels are no whole eights.
  const mixed = conv(conv(b.relu(conv(b.image(3, 10, 10), 64)), 72), 68);
  const pooled = b.globalPool(conv(mixed, 64));
  const model = b.finish(b.gemm(b.flatten(pooled), 6, pooled));
  const network = await openNetwork(writeModel(folder, `channels-${style.opset}.onnx`, model));
  expect(network.tensors.map(({ channels }) => channels)).toEqual([3, 64, 72, 68, 64]);
  await checkNetwork(network, randomGenerator(64));
  await network.close();
});

test('a session is fed what each position looks up, an exported model levels and tables', async () => {
  const network = await openNetwork(writeModel(folder, 'fed.onnx', randomNetwork(1, STYLES[0]!)));
  const { plan } = planned(randomGenerator(1), { bits: [4, 3] });
  const options = rewriteOptionsOf(plan, false);
  const opsOf = async (own: RewriteOptions) => {
    const { nodes } = await network.rewritten(own);
    return nodes.filter(({ name }) => name.startsWith('fovea/')).map(({ opType }) => opType);
  };
  expect(await opsOf(options)).not.toContain('Gather');
  expect(await opsOf({ ...options, byLevel: true })).toContain('Gather');
  await network.close();
});

test('thousands of tensors were compared', () => {
  expect(cases).toBeGreaterThan(3000);
});
