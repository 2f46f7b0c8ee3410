import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openModel } from '../../../src-main/engine/inside/opened-model.ts';
import type { Network } from '../../../src-main/network/network.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import type { PlanOptions } from '../../../src-shared/precision/precision-plan.ts';
import { writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { openNetwork, planned, randomPixels } from './quantised-tensors.ts';
import { TOPOLOGIES } from './topologies.ts';

const SQUEEZENET = join(import.meta.dirname, '../../../../shared/models/squeezenet1.1-imagenet.onnx');

/**
 * Expects that a network gives the same scores, to the bit, from each of its sound cuts on, for other images and bits than those by
 * which it was found sound.
 * @returns how many there are
 */
async function expectSameFromCuts(network: Network, options: PlanOptions): Promise<number> {
  const ranges = network.tensors.map(() => 3);
  const random = randomGenerator(3);
  const whole = async (bits: number) => {
    const image = planned(() => 0, { metric: 'uniform', ...options, bits: [bits] });
    const images = [image, image];
    const pixels = randomPixels(random, 2 * network.inputLength);
    return { images, pixels, ...(await network.cuts.run(await network.cuts.tensors(), pixels, images, ranges)) };
  };
  await whole(4);
  const { images, pixels, scores, tensors } = await whole(3);
  expect(scores).toEqual((await network.quantised(pixels, images, ranges, false)).scores);
  for (const [cut, values] of tensors) expect(await network.cuts.runFrom(cut, values, images, ranges)).toEqual(scores);
  return tensors.size;
}

/** A chain, residual branches, gates, parallel and shuffled branches. */
const STRUCTURES = ['alexnet', 'resnet18', 'mobilenet_v3', 'googlenet', 'shufflenet_v2'];

test('networks of all structures give the same from each of their cuts on', async () => {
  const folder = temporaryFolder();
  for (const [name, build] of TOPOLOGIES.filter(([name]) => STRUCTURES.includes(name))) {
    const network = await openNetwork(writeModel(folder, `${name}.onnx`, build().model));
    expect(await expectSameFromCuts(network, {})).toBeGreaterThan(0);
    await network.close();
  }
}, 120_000);

test
  .skipIf(!existsSync(SQUEEZENET))
  .each<PlanOptions>([{}, { range: 'layer' }, { powerOfTwo: true }, { range: 'block', blockScale: 'e4m3' }])(
  'SqueezeNet gives the same from each of its cuts on, %o',
  async (options) => {
    const { network } = await openModel({ path: SQUEEZENET });
    expect(await expectSameFromCuts(network, options)).toBeGreaterThan(4);
    await network.close();
  },
  120_000,
);
