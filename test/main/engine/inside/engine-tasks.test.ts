import { utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { resolvePlan, type PlanOptions } from '../../../../src-shared/precision/precision-plan.ts';
import { picture, run, scene } from './engine-scene.ts';
import { smallCard } from '../../small-card.ts';

test('an analysis does not depend on what was analysed before', async () => {
  const { model, photos } = await scene(1);
  const input = (options: PlanOptions) => ({
    model,
    image: photos[0]!,
    plan: resolvePlan(options),
    ranges: null,
    counts: true,
  });
  const power = { bits: [6, 2], powerOfTwo: true };
  const fresh = await run('analyse', input(power));
  // Another model in between: all that was kept of the image is gone.
  await run('open', { model: { ...model, preset: 'plain' } });
  await run('analyse', input({ bits: [6, 2] }));
  const after = await run('analyse', input(power));
  expect({ ...after, timings: null }).toEqual({ ...fresh, timings: null });
  expect(after.layers[1]!.nonZeroBitsAt8).toBeGreaterThan(0);
});

test('a photo that changes on disk is read again', async () => {
  const { model, photos } = await scene(1);
  const input = { model, image: photos[0]!, plan: resolvePlan({}), ranges: null, counts: false };
  const before = await run('analyse', input);
  await picture(photos[0]!, 99);
  utimesSync(photos[0]!, new Date(), new Date(Date.now() + 5000));
  const after = await run('analyse', input);
  expect(after.image.sha256).not.toBe(before.image.sha256);
  expect(after.baseline).not.toEqual(before.baseline);
});

test('a card that changes on disk is read again', async () => {
  const { folder, model } = await scene(0);
  const before = await run('open', { model });
  expect(before).toMatchObject({ card: null, preset: 'imagenet', labels: [] });
  const labels = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
  const card = { ...smallCard(before.signature.outputName, { resizeShorterSide: 20 }), labels };
  writeFileSync(join(folder, 'small.json'), JSON.stringify(card));
  expect(await run('open', { model })).toMatchObject({ preset: null, labels, card: { name: 'small' } });
});

test('calibration gives each layer a range, names the images it could not read, and is reproducible', async () => {
  const { folder, model, photos } = await scene(4);
  const images = [...photos, join(folder, 'missing.png')];
  const first = await run('calibrate', { model, images, percentile: 99 });
  expect(first).toMatchObject({ images: 4, failed: [{ path: images[4], error: { code: 'image-missing' } }] });
  expect(Object.keys(first.ranges)).toHaveLength(3);
  expect(await run('calibrate', { model, images, percentile: 99 })).toEqual(first);
});

test('a range per layer without calibration is refused by the layer', async () => {
  const { model, photos } = await scene(1);
  const input = { model, image: photos[0]!, plan: resolvePlan({ range: 'layer' }), ranges: null, counts: false };
  await expect(run('analyse', input)).rejects.toMatchObject({
    code: 'calibration-missing',
    message: expect.stringContaining('conv_') as string,
  });
});
