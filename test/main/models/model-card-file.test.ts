import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cardPath, readCard, readLabels, writeCard } from '../../../src-main/models/model-card-file.ts';
import { checkCard, type ModelCard } from '../../../src-shared/model-card.ts';
import { PUBLISHED_PIXELS } from '../../../src-shared/preprocessing.ts';

const CARD: ModelCard = {
  name: 'Small',
  input: {
    name: 'data',
    layout: 'NCHW',
    channels: 'RGB',
    height: 8,
    width: 8,
    resizeShorterSide: null,
    crop: 'centre',
    ...PUBLISHED_PIXELS,
    range: [0, 1],
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  output: { name: 'out', kind: 'probabilities' },
  labels: 'names.txt',
};

let folder: string;
let model: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-cards-'));
  model = join(folder, 'small.v1.onnx');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const writeJson = (value: unknown) => writeFileSync(cardPath(model), JSON.stringify(value));

test('the card lies beside the model', () => {
  expect(cardPath(model)).toBe(join(folder, 'small.v1.json'));
});

test('no card is no error; a byte order mark neither', async () => {
  expect(await readCard(model)).toBeNull();
  writeFileSync(cardPath(model), `\uFEFF${JSON.stringify(CARD)}`);
  expect(await readCard(model)).toEqual(CARD);
});

test.each([
  ['not JSON', '{"name": '],
  ['empty', ''],
  ['of a wrong field', JSON.stringify({ ...CARD, name: 7 })],
])('a card that is %s is refused by its path', async (_, text) => {
  writeFileSync(cardPath(model), text);
  await expect(readCard(model)).rejects.toMatchObject({
    code: 'card-invalid',
    message: expect.stringContaining(cardPath(model)),
  });
});

test('a card that is a folder is refused', async () => {
  mkdirSync(cardPath(model));
  await expect(readCard(model)).rejects.toMatchObject({ code: 'card-invalid' });
});

test('a card is written whole, with the keys it does not know, and leaves nothing else behind', async () => {
  writeJson({ ...CARD, extra: { kept: true } });
  const card = (await readCard(model))!;
  await writeCard(model, { ...card, calibration: { percentile: 99.9, images: 3, ranges: { conv1: 2 } } });
  expect(JSON.parse(readFileSync(cardPath(model), 'utf8'))).toEqual({
    ...CARD,
    extra: { kept: true },
    calibration: { percentile: 99.9, images: 3, ranges: { conv1: 2 } },
  });
  expect(readdirSync(folder)).toEqual(['small.v1.json']);
});

test('a card that cannot be written says so and leaves nothing behind', async () => {
  mkdirSync(join(cardPath(model), 'occupied'), { recursive: true });
  await expect(writeCard(model, CARD)).rejects.toMatchObject({ code: 'output-unwritable' });
  expect(readdirSync(folder)).toEqual(['small.v1.json']);
});

test('labels are one a line; WordNet ids, blank ends and line ends of Windows are left out', async () => {
  writeFileSync(join(folder, 'names.txt'), '\uFEFFn01440764 tench, Tinca tinca\r\ncat\r\n dog \r\n\r\n');
  expect(await readLabels(model, CARD, 3)).toEqual(['tench, Tinca tinca', 'cat', 'dog']);
  expect(await readLabels(model, CARD, null)).toHaveLength(3);
});

test('labels may lie in the card, or be left out', async () => {
  expect(await readLabels(model, { ...CARD, labels: ['a', 'b'] }, 2)).toEqual(['a', 'b']);
  const { name, input, output } = CARD;
  expect(await readLabels(model, { name, input, output }, 2)).toEqual([]);
});

test('labels of the wrong length are refused with both numbers', async () => {
  writeFileSync(join(folder, 'names.txt'), 'a\nb\n');
  await expect(readLabels(model, CARD, 3)).rejects.toMatchObject({
    code: 'labels-wrong-length',
    message: `${join(folder, 'names.txt')}: 2 labels for a model of 3 classes`,
  });
  await expect(readLabels(model, { ...CARD, labels: ['a'] }, 3)).rejects.toMatchObject({ code: 'labels-wrong-length' });
});

test('missing labels are refused by their path', async () => {
  await expect(readLabels(model, CARD, 3)).rejects.toMatchObject({
    code: 'labels-unreadable',
    message: expect.stringContaining(join(folder, 'names.txt')),
  });
});

test.each(['../names.txt', '/etc/hostname', 'sub/names.txt', '..', '.', '..\\names.txt', 'C:\\names.txt'])(
  'labels at %s leave the folder of the card and are refused',
  async (labels) => {
    await expect(readLabels(model, { ...CARD, labels }, null)).rejects.toMatchObject({
      code: 'card-invalid',
      message: expect.stringContaining('field labels'),
    });
  },
);

const sharedModels = resolve(import.meta.dirname, '../../../../shared/models');
test.skipIf(!existsSync(sharedModels))('the card of a public SqueezeNet reads, with its thousand labels', async () => {
  const path = join(sharedModels, 'squeezenet1.1-imagenet.onnx');
  const card = (await readCard(path))!;
  checkCard(
    card,
    {
      inputName: 'data_0',
      inputShape: [null, 3, 224, 224],
      outputName: 'softmaxout_1',
      outputShape: [null, 1000, 1, 1],
    },
    cardPath(path),
  );
  expect(card.input).toMatchObject({ channels: 'BGR', mean: [103.94, 116.78, 123.68] });
  expect((await readLabels(path, card, 1000))[0]).toBe('tench, Tinca tinca');
});
