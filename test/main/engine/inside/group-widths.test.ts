import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LayerCounts } from '../../../../src-shared/measurement.ts';
import { measured, plans, run } from './engine-scene.ts';

const SHARED = join(import.meta.dirname, '../../../../../shared');
const MODEL = join(SHARED, 'models/squeezenet1.1-imagenet.onnx');
const PHOTOS = join(SHARED, 'data/imagenet-250/images');

// Found by an independent program (numpy) on 250 photos of ImageNet: 16 channels of a position and 16 x 16 pallets need so much
// less than the 4 bits of their plan, the first layer's 8. A dozen photos come within a few hundredths of a bit.
describe.skipIf(!existsSync(MODEL) || !existsSync(PHOTOS))(
  'widths that groups need, SqueezeNet 1.1 on ImageNet',
  () => {
    const photos = existsSync(PHOTOS)
      ? readdirSync(PHOTOS)
          .slice(0, 12)
          .map((name) => join(PHOTOS, name))
      : [];

    function weighted(images: readonly (readonly LayerCounts[])[], count: 'groupBits' | 'palletBits'): number {
      let bits = 0;
      let macs = 0;
      for (const layer of images.flat()) {
        bits += layer.macs * layer[count]!;
        macs += layer.macs;
      }
      return bits / macs;
    }

    it('4 bits by position save 55.6 % by group and 48.3 % by pallet', async () => {
      const images = photos.map((path) => ({ path, plans: [0], baseline: false }));
      const input = {
        model: { path: MODEL },
        images,
        plans: plans({ bits: [4], range: 'position' }),
        ranges: null,
        counts: true,
      };
      const layers = measured(await run('evaluate', input)).map((image) => image.results[0]!.layers);
      expect(1 - weighted(layers, 'groupBits') / 8).toBeCloseTo(0.556, 2);
      expect(1 - weighted(layers, 'palletBits') / 8).toBeCloseTo(0.483, 2);
    }, 120_000);

    // The same program, with ranges of the layers that hold 99.99 % of the activations of all 250 photos:
    // a third of the photos gives nearly the same.
    it('8 bits by layer need 5.70 by group and 7.07 by pallet', async () => {
      const all = readdirSync(PHOTOS).map((name) => join(PHOTOS, name));
      const third = all.filter((_, k) => k % 3 === 0);
      const { ranges } = await run('calibrate', { model: { path: MODEL }, images: third, percentile: 99.99 });
      const images = all.filter((_, k) => k % 10 === 0).map((path) => ({ path, plans: [0], baseline: false }));
      const input = {
        model: { path: MODEL },
        images,
        plans: plans({ bits: [8], range: 'layer' }),
        ranges,
        counts: true,
      };
      const layers = measured(await run('evaluate', input)).map((image) => image.results[0]!.layers);
      expect(Math.abs(weighted(layers, 'groupBits') - 5.7)).toBeLessThan(0.15);
      expect(Math.abs(weighted(layers, 'palletBits') - 7.07)).toBeLessThan(0.15);
    }, 240_000);
  },
);
