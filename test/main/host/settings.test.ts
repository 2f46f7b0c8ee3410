import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonFile } from '../../../src-main/files/json-file.ts';
import { NOTHING_REMEMBERED, settingsSchema } from '../../../src-shared/contract/app.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const SETTINGS = { modelId: 'net', plan: { bits: [4, 2], regions: 7, layerBits: { conv1: 8 } }, accelerator: 'isaac' };

function settingsFile(stored: unknown) {
  const path = join(temporaryFolder({}), 'settings.json');
  writeFileSync(path, JSON.stringify(stored));
  return {
    ...jsonFile(path, settingsSchema, NOTHING_REMEMBERED),
    stored: () => JSON.parse(readFileSync(path, 'utf8')),
  };
}

test.each([
  ['model', { ...SETTINGS, modelId: 7 }, { ...SETTINGS, modelId: null }],
  ['accelerator', { ...SETTINGS, accelerator: ['isaac'] }, { ...SETTINGS, accelerator: null }],
  ['plan', { ...SETTINGS, plan: 'the best' }, { ...SETTINGS, plan: null }],
  [
    'bit width',
    { ...SETTINGS, plan: { ...SETTINGS.plan, bits: [99] } },
    { ...SETTINGS, plan: { regions: 7, layerBits: { conv1: 8 } } },
  ],
  [
    'metric, of a newer Fovea,',
    { ...SETTINGS, plan: { ...SETTINGS.plan, metric: 'telepathy' } },
    { ...SETTINGS, plan: SETTINGS.plan },
  ],
])('a bad %s costs itself alone', async (_, stored, read) => {
  expect(await settingsFile(stored).read()).toEqual(read);
});

test('an older Fovea leaves to a newer one what is its own, of the plan too', async () => {
  const file = settingsFile({ ...SETTINGS, plan: { ...SETTINGS.plan, dither: true }, place: 'compare' });
  expect(await file.read()).toEqual(SETTINGS);
  await file.write({ ...SETTINGS, plan: { bits: [5], layerBits: {} } });
  expect(file.stored()).toEqual({
    ...SETTINGS,
    plan: { bits: [5], layerBits: {}, dither: true },
    place: 'compare',
  });
});

test('a newer Fovea takes from an older one what there is', async () => {
  expect(await settingsFile({ modelId: 'net' }).read()).toEqual({ ...NOTHING_REMEMBERED, modelId: 'net' });
});
