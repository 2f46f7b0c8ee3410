import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  calibrationFile,
  type CalibrationHistograms,
  evenChoice,
  isCalibrated,
  knownCalibration,
  knownHistograms,
  storeCounted,
  storeCalibration,
  type Calibration,
} from '../../../src-main/models/calibration.ts';
import { RANGE_PERCENTILES } from '../../../src-shared/precision/activation-histogram.ts';
import { cardPath, writeCard } from '../../../src-main/models/model-card-file.ts';
import { openModel, type OpenedModel } from '../../../src-main/engine/inside/opened-model.ts';
import type { ModelCard } from '../../../src-shared/model-card.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { smallCard } from '../small-card.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CARD: ModelCard = { ...smallCard('softmax_0'), invented: 'kept' };

async function opened(card: 'with card' | 'without card'): Promise<OpenedModel> {
  const path = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
  const bare = await openModel({ path });
  await bare.network.close();
  if (card === 'without card') return bare.model;
  await writeCard(path, { ...CARD, output: { ...CARD.output, name: bare.model.signature.outputName } });
  const { network, model } = await openModel({ path });
  await network.close();
  return model;
}

function calibrationOf({ layers }: OpenedModel, range: number): Calibration {
  return { percentile: 99, images: 7, ranges: Object.fromEntries(layers.map(({ name }) => [name, range])) };
}

const histogramOf = (magnitude: number) => ({
  largest: magnitude,
  zeroShare: 0.5,
  counts: Array.from({ length: 8 }, () => 1),
  magnitudes: RANGE_PERCENTILES.map(() => magnitude),
});

const countedOf = (model: OpenedModel, magnitude: number): CalibrationHistograms =>
  Object.fromEntries(names(model).map((name) => [name, histogramOf(magnitude)]));

const names = (model: OpenedModel) => model.layers.map((layer) => layer.name);

describe('a calibration', () => {
  it('is kept in the card, and nothing else of the card changes', async () => {
    const model = await opened('with card');
    const dataFolder = temporaryFolder();
    const before: unknown = JSON.parse(readFileSync(cardPath(model.path), 'utf8'));
    const calibration = calibrationOf(model, 2.5);
    expect(await storeCalibration(dataFolder, model, calibration, false)).toBe(cardPath(model.path));
    expect(JSON.parse(readFileSync(cardPath(model.path), 'utf8'))).toEqual({ ...(before as object), calibration });
    const { network, model: again } = await openModel({ path: model.path });
    await network.close();
    expect(await knownCalibration(dataFolder, again)).toEqual(calibration);
    expect(existsSync(join(dataFolder, 'calibrations'))).toBe(false);
  });

  it('leaves what was changed of the card meanwhile, and is of no use where that prepares images otherwise', async () => {
    const model = await opened('with card');
    const dataFolder = temporaryFolder();
    const edited = { ...model.card!, licence: 'edited meanwhile' };
    await writeCard(model.path, edited);
    const calibration = calibrationOf(model, 2.5);
    await storeCounted(dataFolder, model, calibration, countedOf(model, 2.5), false);
    expect(JSON.parse(readFileSync(cardPath(model.path), 'utf8'))).toEqual({ ...edited, calibration });
    const otherwise = { ...edited, input: { ...edited.input, mean: [0.5, 0.5, 0.5] } };
    await writeCard(model.path, otherwise);
    await expect(
      storeCounted(dataFolder, model, calibrationOf(model, 3), countedOf(model, 3), false),
    ).rejects.toMatchObject({ code: 'calibration-missing' });
    expect(JSON.parse(readFileSync(cardPath(model.path), 'utf8'))).toEqual(otherwise);
    expect(readdirSync(join(dataFolder, 'calibrations'))).toEqual([]);
  });

  it('by two at once is that of one of them, and leaves nothing else', async () => {
    const model = await opened('without card');
    const dataFolder = temporaryFolder();
    const store = (range: number) =>
      storeCounted(dataFolder, model, calibrationOf(model, range), countedOf(model, range), false);
    await Promise.all([store(1), store(2), store(3)]);
    expect([1, 2, 3].map((range) => calibrationOf(model, range))).toContainEqual(
      await knownCalibration(dataFolder, model),
    );
    expect(await knownHistograms(dataFolder, model, false)).not.toBeNull();
    expect(readdirSync(join(dataFolder, 'calibrations'))).toHaveLength(2);
  });

  it.each(['without card', 'with a card that cannot be written', 'of a model that came with Fovea'])(
    'is kept in the data folder %s',
    async (situation) => {
      const model = await opened(situation === 'without card' ? 'without card' : 'with card');
      const stored = situation.includes('cannot')
        ? { ...model, path: join(temporaryFolder(), 'missing', 'net.onnx') }
        : model;
      const dataFolder = temporaryFolder();
      const calibration = calibrationOf(model, 2.5);
      const file = await storeCalibration(dataFolder, stored, calibration, situation.includes('came'));
      expect(file).toBe(join(dataFolder, 'calibrations', `${model.sha256}.json`));
      expect(await knownCalibration(dataFolder, stored)).toEqual(calibration);
    },
  );

  it("of the user goes before the card's, until the card has a newer one", async () => {
    const dataFolder = temporaryFolder();
    const model = await opened('with card');
    const carded = { ...model, card: { ...model.card!, calibration: calibrationOf(model, 1) } };
    expect((await knownCalibration(dataFolder, carded))?.ranges).toEqual(calibrationOf(model, 1).ranges);
    await storeCalibration(dataFolder, carded, calibrationOf(model, 2), true);
    expect((await knownCalibration(dataFolder, carded))?.ranges).toEqual(calibrationOf(model, 2).ranges);
    await storeCalibration(dataFolder, carded, calibrationOf(model, 3), false);
    const { network, model: again } = await openModel({ path: model.path });
    await network.close();
    expect((await knownCalibration(dataFolder, again))?.ranges).toEqual(calibrationOf(model, 3).ranges);
  });

  it('that cannot be written whole leaves the one before it, with what was counted for that or nothing', async () => {
    const dataFolder = temporaryFolder();
    const model = await opened('without card');
    const counted = (magnitude: number) => countedOf(model, magnitude);
    await storeCounted(dataFolder, model, calibrationOf(model, 1), counted(1), false);
    expect(await knownHistograms(dataFolder, model, false)).toEqual(counted(1));
    const folder = join(dataFolder, 'calibrations');
    const left = () => readdirSync(folder).sort();
    const files = left();
    expect(files).toHaveLength(2);
    const store = () => storeCounted(dataFolder, model, calibrationOf(model, 2), counted(2), false);
    // What is counted is written first: nothing has changed where it cannot be.
    renameSync(folder, `${folder}-aside`);
    writeFileSync(folder, '');
    await expect(store()).rejects.toMatchObject({ code: 'output-unwritable' });
    rmSync(folder);
    renameSync(`${folder}-aside`, folder);
    expect(left()).toEqual(files);
    expect(await knownHistograms(dataFolder, model, false)).toEqual(counted(1));
    // Ranges that cannot be written keep nothing of what was counted for them.
    rmSync(calibrationFile(dataFolder, model.sha256));
    mkdirSync(calibrationFile(dataFolder, model.sha256));
    await expect(store()).rejects.toMatchObject({ code: 'output-unwritable' });
    expect(left()).toEqual([`${model.sha256}.json`]);
    rmdirSync(calibrationFile(dataFolder, model.sha256));
    await store();
    expect(left()).toEqual(files);
    expect(await knownHistograms(dataFolder, model, false)).toEqual(counted(2));
    expect(await knownCalibration(dataFolder, model)).toEqual(calibrationOf(model, 2));
  });

  it('of a model that came with Fovea takes what was counted for it along, and brings it back', async () => {
    const dataFolder = temporaryFolder();
    const model = await opened('with card');
    const counted = () => knownHistograms(dataFolder, model, true);
    const file = await storeCounted(dataFolder, model, calibrationOf(model, 1), countedOf(model, 1), true);
    renameSync(file, `${file}.aside`);
    expect(await counted()).toBeNull();
    renameSync(`${file}.aside`, file);
    expect(await counted()).toEqual(countedOf(model, 1));
    writeFileSync(file, '{');
    expect(await counted()).toBeNull();
  });

  it('that lacks a layer, or is broken, is none', async () => {
    const dataFolder = temporaryFolder();
    const model = await opened('with card');
    const calibration = calibrationOf(model, 1);
    const [first] = names(model);
    const lacking = { ...calibration, ranges: { [first!]: 1 } };
    expect(await knownCalibration(dataFolder, { ...model, card: { ...model.card!, calibration: lacking } })).toBeNull();
    mkdirSync(join(dataFolder, 'calibrations'));
    for (const text of ['', '{', JSON.stringify(lacking), JSON.stringify({ ...calibration, images: 'many' })]) {
      writeFileSync(join(dataFolder, 'calibrations', `${model.sha256}.json`), text);
      expect(await knownCalibration(dataFolder, model)).toBeNull();
    }
  });

  it('is found without opening the model, and without its digest where that cannot matter', async () => {
    const dataFolder = temporaryFolder();
    const model = await opened('with card');
    const noDigest = () => Promise.reject(new Error('the digest was asked for'));
    const digest = () => Promise.resolve(model.sha256);
    const carded = { ...model.card!, calibration: calibrationOf(model, 1) };
    expect(await isCalibrated(dataFolder, carded, names(model), noDigest)).toBe(true);
    expect(await isCalibrated(dataFolder, model.card, names(model), noDigest)).toBe(false);
    await storeCalibration(dataFolder, model, calibrationOf(model, 1), true);
    expect(await isCalibrated(dataFolder, model.card, names(model), digest)).toBe(true);
    expect(await isCalibrated(dataFolder, model.card, [...names(model), 'another'], digest)).toBe(false);
  });
});

describe('an even choice', () => {
  it('has as many as asked for, each once, in order, no part of the list left out', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 300 }), (length, count) => {
        const items = Array.from({ length }, (_, index) => index);
        const chosen = evenChoice(items, count);
        expect(chosen).toHaveLength(Math.min(length, count));
        const gaps = chosen.map((item, index) => item - (chosen[index - 1] ?? -1));
        for (const gap of gaps) {
          expect(gap).toBeGreaterThanOrEqual(1);
          expect(gap).toBeLessThanOrEqual(Math.ceil(length / Math.min(length, count)));
        }
      }),
    );
  });
});
