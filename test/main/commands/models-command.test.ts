import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import * as ort from 'onnxruntime-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { samples } from '../../../src-main/images/samples.ts';
import type { CommandContext, CommandResult } from '../../../src-main/commands/command-line.ts';
import { loadImage } from '../../../src-main/images/image-file.ts';
import { cardPath } from '../../../src-main/models/model-card-file.ts';
import { type Catalogue, modelCatalogue } from '../../../src-main/models/model-catalogue.ts';
import {
  runModelsAdd,
  runModelsCalibrate,
  runModelsDownload,
  runModelsExport,
  runModelsInspect,
  runModelsList,
  runModelsRemove,
  runModelsRestore,
} from '../../../src-main/commands/models-command.ts';
import type { ExportFlags } from '../../../src-main/commands/models-options.ts';
import type { ModelRequest } from '../../../src-main/engine/inside/opened-model.ts';
import { forkProcess } from '../../../src-main/engine/process-port.ts';
import { figuresText, noteText } from '../../../src-main/text/work-text.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { addModel } from '../../../src-main/work/add-model.ts';
import { Bench } from '../../../src-main/work/bench.ts';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import { levelMap } from '../../../src-shared/precision/level-map.ts';
import { parseCard } from '../../../src-shared/model-card.ts';
import { resolvePlan, type PlanOptions, type PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';
import {
  PREPROCESSING_PRESETS,
  presetPreprocessing,
  toTensor,
  type PreprocessingPreset,
} from '../../../src-shared/preprocessing.ts';
import { answers, colourClassifier, pictures, SIDE } from '../models/coloured-pictures.ts';
import { fileServer, serving } from '../models/file-server.ts';
import { ModelBuilder, smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { fakeBench, heardWork, tinyModel } from '../fake-bench.ts';
import { newRun, sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const ENGINE = resolve(import.meta.dirname, '../../../src-main/engine.ts');
const EMBEDDED_CARD = resolve(import.meta.dirname, '../../../models/fovea-caltech101.json');

interface ModelsScene {
  readonly workbench: Bench;
  readonly context: CommandContext;
  readonly notes: string[];
  readonly progress: string[];
  readonly stop: AbortController;
}

function bench(dataFolder = temporaryFolder()): ModelsScene {
  const workbench = new Bench({
    version: '0',
    dataFolder,
    engineScript: ENGINE,
    db: join(dataFolder, 'runs.sqlite'),
    spawn: forkProcess,
  });
  onTestFinished(() => workbench.close());
  const [notes, progress, stop] = [[] as string[], [] as string[], new AbortController()];
  const context: CommandContext = {
    version: '0',
    dataFolder,
    db: join(dataFolder, 'runs.sqlite'),
    work: {
      signal: stop.signal,
      progress: (told) => progress.push(figuresText(told)),
      note: (told) => notes.push(noteText(told)),
    },
    note: (line) => notes.push(line),
    progress: (line) => progress.push(line),
  };
  return { workbench, context, notes, progress, stop };
}

const parsed = <Shape extends z.ZodType>({ json }: CommandResult, shape: Shape) =>
  shape.parse(JSON.parse(JSON.stringify(json)));

describe('fovea models list', () => {
  it('shows the embedded model, without an engine', async () => {
    const { text, json, failed } = await runModelsList([], {}, bench().context);
    expect(text).toMatch(/^id .*\nfovea-caltech101 .* 100 +128 x 128 .*yes/m);
    expect(json).toEqual([expect.objectContaining({ id: 'fovea-caltech101', embedded: true, classes: 100 })]);
    expect(failed).toEqual([]);
  });

  it('shows what can be downloaded, and what of that is there', async () => {
    const { context, workbench } = bench();
    mkdirSync(workbench.library.folder);
    writeModel(workbench.library.folder, 'vgg16-7.onnx', smallClassifier());
    const { text } = await runModelsList([], { available: true }, context);
    expect(text).toMatch(/vgg16-7 +VGG-16 +7 +3 x 224 x 224 +553 MB +72\.62 +91\.14 +Apache-2\.0 +yes/);
    expect(text).toMatch(/vgg19-7 .* no$/m);
    expect((await runModelsDownload([], {}, context)).text).toBe(text);
  });
});

describe('fovea models add', () => {
  it('installs a model, and says what it has to assume', async () => {
    const { context, workbench, notes } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const { json } = await runModelsAdd([file], { id: 'mine' }, workbench, context);
    expect(json).toMatchObject({ id: 'mine', classes: 8, inputSize: [SIDE, SIDE], calibrated: false });
    expect(notes.join()).toMatch(/preset "imagenet" is assumed.*fovea models inspect mine --images/);
    expect(workbench.library.find('mine').path).toBe(join(workbench.library.folder, 'mine', 'mine.onnx'));
    // The same content again is the model that is there, whatever its file is called.
    const copy = writeModel(temporaryFolder(), 'other.onnx', smallClassifier());
    expect((await runModelsAdd([copy], {}, workbench, context)).json).toMatchObject({ id: 'mine' });
    expect(notes).toContain('mine is installed already');
    expect(workbench.library.list().filter(({ embedded }) => !embedded)).toHaveLength(1);
  });

  it('knows of the copy what it found of the file: it is not opened once more', async () => {
    let opened = 0;
    const folder = temporaryFolder();
    const fake = fakeBench(folder, {
      open: ({ model }) => {
        opened++;
        return { ...tinyModel(model), labels: [] };
      },
    });
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const { model } = await addModel(fake, { file }, heardWork());
    expect(await fake.known(model, heardWork())).toMatchObject({ path: model.path, sha256: sha256('tiny') });
    expect(opened).toBe(1);
    // What is written over it is another file.
    writeModel(dirname(model.path), 'net.onnx', smallClassifier(2));
    await fake.known(model, heardWork());
    expect(opened).toBe(2);
  });

  it('installs nothing that cannot run', async () => {
    const { context, workbench } = bench();
    const b = new ModelBuilder(1);
    const x = b.unary('NoSuchOperator', b.conv(b.image(3, SIDE, SIDE), { out: 4 }));
    const file = writeModel(temporaryFolder(), 'net.onnx', b.finish(b.gemm(b.flatten(x), 2, x)));
    await expect(runModelsAdd([file], {}, workbench, context)).rejects.toMatchObject({
      code: 'model-unsupported-operator',
      message: expect.stringContaining(file),
    });
    expect(existsSync(workbench.library.folder)).toBe(false);
  });
});

describe('fovea models remove and restore', () => {
  it('takes a model out of sight and brings it back, and tells of runs that were measured with it', async () => {
    const { context, workbench } = bench();
    mkdirSync(join(workbench.library.folder, 'gone'), { recursive: true });
    const path = writeModel(join(workbench.library.folder, 'gone'), 'gone.onnx', smallClassifier());
    using store = openRunStore(context.db);
    const order = newRun(1, { model: { ...newRun(1).model, path } });
    const { runId } = store.createRun(order);
    await expect(runModelsRemove(['gone'], {}, workbench, context)).rejects.toMatchObject({
      code: 'not-allowed',
      message: expect.stringContaining('at work'),
    });
    expect(existsSync(path)).toBe(true);
    store.db.prepare("UPDATE runs SET status = 'cancelled' WHERE id = ?").run(runId);
    const { text, json } = await runModelsRemove(['gone'], {}, workbench, context);
    expect(text).toMatch(/^gone removed; 1 run of it keeps its figures\nfovea models restore gone brings it back/);
    expect(json).toEqual({ removed: 'gone', runs: 1 });
    await expect(runModelsRemove(['gone'], {}, workbench, context)).rejects.toMatchObject({ code: 'model-unknown' });
    expect((await runModelsRestore(['gone'], {}, context)).json).toMatchObject({ id: 'gone', classes: 8 });
    expect(existsSync(path)).toBe(true);
    await expect(runModelsRestore(['gone'], {}, context)).rejects.toMatchObject({ code: 'model-unknown' });
  });

  it('leaves what comes with Fovea, and what was never added', async () => {
    const { context, workbench } = bench();
    const file = writeModel(temporaryFolder(), 'mine.onnx', smallClassifier());
    for (const model of ['fovea-caltech101', file])
      await expect(runModelsRemove([model], {}, workbench, context)).rejects.toMatchObject({ code: 'not-allowed' });
    expect(existsSync(file)).toBe(true);
  });
});

describe('fovea models inspect', () => {
  it('tells the layers and their sums', async () => {
    const { context, workbench } = bench();
    const built = smallClassifier();
    const file = writeModel(temporaryFolder(), 'net.onnx', built);
    const { text, json } = await runModelsInspect([file], {}, workbench, context);
    const macs = built.layers.reduce((sum, layer) => sum + layer.macs, 0);
    expect(json).toMatchObject({
      sha256: createHash('sha256').update(built.bytes).digest('hex'),
      opset: 13,
      classes: 8,
      preset: 'imagenet',
      layers: built.layers,
      totals: { layers: 3, macs },
    });
    expect(text).toContain('none: preprocessing preset "imagenet" is assumed');
    expect(text).toContain('resized by bilinear as Pillow does, colour profiles ignored (as published), values');
    expect(text).toContain(`3 layers, ${(macs / 1e6).toFixed(2)} M MACs`);
  });

  it('finds the preprocessing that scores best, and writes it into a card', async () => {
    const { context, workbench, notes } = bench();
    const folder = temporaryFolder();
    const file = writeModel(folder, 'net.onnx', colourClassifier(3));
    const images = await pictures(24);
    const labels = await answers(file, images, 'caffe');
    expect(new Set(labels.values()).size).toBeGreaterThan(2);
    writeFileSync(join(images, 'labels.csv'), [...labels].map(([name, label]) => `${name},${label}\n`).join(''));
    writeFileSync(join(images, 'bad.png'), 'no image');
    writeFileSync(join(images, 'labels.csv'), 'bad.png,1\n', { flag: 'a' });

    const found = await runModelsInspect([file], { images, saveCard: true }, workbench, context);
    const shape = z.object({
      best: z.string(),
      saved: z.string().nullable(),
      images: z.number(),
      presets: z.array(z.object({ preset: z.string(), top1: z.number(), top5: z.number() })),
    });
    const { best, saved, images: counted, presets } = parsed(found, shape);
    expect([best, saved, counted]).toEqual(['caffe', cardPath(file), 24]);
    const pairs = [...labels];
    for (const { preset, top1 } of presets) {
      const own = await answers(file, images, preset as PreprocessingPreset);
      expect(top1).toBeCloseTo(pairs.filter(([name, label]) => own.get(name) === label).length / pairs.length, 9);
    }
    expect(presets.find(({ preset }) => preset === 'caffe')!.top1).toBe(1);
    expect(found.failed).toEqual([{ path: join(images, 'bad.png'), reason: expect.stringContaining('bad.png') }]);
    const card = parseCard(JSON.parse(readFileSync(cardPath(file), 'utf8')), 'card');
    expect(card).toMatchObject({
      input: { name: 'image', channels: 'BGR', range: [0, 255], height: SIDE, width: SIDE },
      accuracy: { images: 24, top1: 1 },
    });

    const again = await runModelsInspect([file], { images, saveCard: true }, workbench, context);
    expect(parsed(again, shape)).toMatchObject({ best: 'card', saved: null });
    expect(notes.at(-1)).toMatch(/card stays as it is/);
  });

  it('writes no card when the labels do not fit the model', async () => {
    const { context, workbench, notes } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', colourClassifier(3));
    const images = await pictures(8);
    const presets = Object.keys(PREPROCESSING_PRESETS) as PreprocessingPreset[];
    const all = await Promise.all(presets.map((preset) => answers(file, images, preset)));
    const never = (name: string) => [0, 1, 2, 3, 4, 5].find((label) => all.every((given) => given.get(name) !== label));
    writeFileSync(join(images, 'labels.csv'), [...all[0]!.keys()].map((name) => `${name},${never(name)}\n`).join(''));
    const { text } = await runModelsInspect([file], { images, saveCard: true, limit: 4 }, workbench, context);
    expect(text).toContain('4 labelled images. None does better than chance');
    expect(notes).toEqual([expect.stringMatching(/No card is written/)]);
    expect(existsSync(cardPath(file))).toBe(false);
  });

  it('refuses options that mean nothing, and the card of the embedded model', async () => {
    const { context, workbench } = bench();
    const inspect = (flags: object, model = 'fovea-caltech101') => runModelsInspect([model], flags, workbench, context);
    await expect(inspect({ saveCard: true })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(inspect({ images: '.', limit: 1.5 })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(inspect({ images: '.', saveCard: true })).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(inspect({}, 'nothing')).rejects.toMatchObject({ code: 'model-unknown' });
    const images = await pictures(1);
    await expect(inspect({ images })).rejects.toMatchObject({ code: 'dataset-empty' });
  });
});

describe('fovea models calibrate', () => {
  const rangesShape = z.object({ images: z.number(), file: z.string(), ranges: z.record(z.string(), z.unknown()) });

  it('keeps the ranges in the data folder where there is no card, and in the card where there is one', async () => {
    const { context, workbench, progress } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const images = await pictures(6);
    writeFileSync(join(images, 'bad.png'), 'no image');
    const calibrate = (flags = {}) => runModelsCalibrate([file, images], flags, workbench, context);
    const first = await calibrate();
    const { images: counted, file: stored, ranges } = parsed(first, rangesShape);
    expect(counted).toBe(6);
    expect(stored).toMatch(new RegExp(`^${join(context.dataFolder, 'calibrations')}`));
    expect(first.failed).toEqual([{ path: join(images, 'bad.png'), reason: expect.stringContaining('bad.png') }]);
    expect(progress.join()).toMatch(/calibrating ranges: 7 of 7 images/);
    const { json } = await runModelsInspect([file], {}, workbench, context);
    expect(json).toMatchObject({ card: null, calibration: { percentile: 99.99, images: 6, ranges } });

    const labels = await answers(file, await pictures(6), 'plain');
    writeFileSync(join(images, 'labels.csv'), [...labels].map(([name, label]) => `${name},${label}\n`).join(''));
    await runModelsInspect([file], { images, saveCard: true }, workbench, context);
    const changed = await runModelsInspect([file], {}, workbench, context);
    expect(changed.json, 'ranges belong to a preprocessing').toMatchObject({ calibration: null });
    const second = parsed(await calibrate({ percentile: 100, limit: 3 }), rangesShape);
    expect([second.file, second.images]).toEqual([cardPath(file), 3]);
    expect(existsSync(stored)).toBe(false);
    const inspected = await runModelsInspect([file], {}, workbench, context);
    expect(inspected.json).toMatchObject({ calibration: { percentile: 100, images: 3, ranges: second.ranges } });
  });

  it('leaves the card that came with Fovea alone', async () => {
    const { context, workbench } = bench();
    const before = readFileSync(EMBEDDED_CARD);
    const folder = temporaryFolder();
    for (const sample of samples().slice(0, 2)) copyFileSync(sample, join(folder, basename(sample)));
    const calibrationNow = async () =>
      (await runModelsInspect(['fovea-caltech101'], {}, workbench, context)).json as {
        calibration: { images: number };
      };
    const came = await calibrationNow();
    const calibrated = await runModelsCalibrate(['fovea-caltech101', folder], {}, workbench, context);
    const { file } = parsed(calibrated, rangesShape);
    expect(calibrated.json).toMatchObject({ replaced: { images: came.calibration.images } });
    expect(calibrated.text).toMatch(
      /take the place of ranges of .* images\nThose that came with fovea-caltech101 count again once that file is removed\n$/,
    );
    expect(file).toMatch(new RegExp(`^${join(context.dataFolder, 'calibrations')}`));
    expect(readFileSync(EMBEDDED_CARD).equals(before)).toBe(true);
    expect((await runModelsList([], {}, context)).json).toEqual([expect.objectContaining({ calibrated: true })]);
    rmSync(file);
    expect((await calibrationNow()).calibration).toEqual(came.calibration);
  });

  it('refuses what cannot be meant', async () => {
    const { context, workbench, stop } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const calibrate = (folder: string, flags = {}) => runModelsCalibrate([file, folder], flags, workbench, context);
    for (const flags of [{ percentile: 0 }, { percentile: 101 }, { limit: 0 }, { limit: 2.5 }])
      await expect(calibrate('.', flags)).rejects.toMatchObject({ code: 'bad-argument' });
    await expect(calibrate(temporaryFolder())).rejects.toMatchObject({ code: 'dataset-empty' });
    await expect(calibrate(temporaryFolder({ 'bad.png': 'no image' }))).rejects.toMatchObject({
      code: 'calibration-missing',
      message: expect.stringContaining('bad.png'),
    });
    stop.abort();
    await expect(calibrate(await pictures(1))).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(join(context.dataFolder, 'calibrations'))).toBe(false);
  });
});

describe('fovea models export', () => {
  const feedingShape = z.object({
    image: z.object({ name: z.string(), shape: z.tuple([z.literal('N'), z.number(), z.number(), z.number()]) }),
    output: z.object({ name: z.string() }),
    constants: z.record(z.string(), z.number()),
    tensors: z.array(
      z.object({
        levels: z.object({ name: z.string(), shape: z.tuple([z.literal('N')]).rest(z.number()) }),
        tables: z.record(z.string(), z.array(z.number())),
        bits: z.array(z.number()),
        layers: z.array(z.string()),
      }),
    ),
  });

  /** Levels of a map as the sentences of `feeding` say, and by no other knowledge. */
  function levelsAsWritten(plan: PrecisionPlan, values: ArrayLike<number>, height: number, width: number): number[] {
    const { regions: cells, shares, thresholds, bits } = plan;
    if (height === 1 || bits.length === 1) return Array<number>(height * width).fill(bits.length - 1);
    const centre = (at: number, size: number) => Math.floor(((2 * at + 1) * cells) / (2 * size));
    const weights = (at: number, size: number) =>
      Array.from({ length: cells }, (_, cell) =>
        size >= cells
          ? Number(cell === centre(at, size))
          : Math.max(0, Math.min((at + 1) / size, (cell + 1) / cells) - Math.max(at / size, cell / cells)),
      );
    const positions = Array.from({ length: height * width }, (_, index) => {
      const [y, x] = [Math.floor(index / width), index % width];
      let sum = 0;
      let area = 0;
      weights(y, height).forEach((down, row) =>
        weights(x, width).forEach((across, column) => {
          sum += down * across * values[row * cells + column]!;
          area += down * across;
        }),
      );
      let turn = centre(y, height) * cells + centre(x, width) + 1;
      turn = Math.imul(turn ^ (turn >>> 16), 0x85ebca6b);
      turn = Math.imul(turn ^ (turn >>> 13), 0xc2b2ae35);
      // A mean of equal values is not that value to the last digit.
      return { index, importance: Number((sum / area).toFixed(12)), turn: (turn ^ (turn >>> 16)) >>> 0 };
    });
    const levels = Array<number>(positions.length);
    if (thresholds)
      for (const { index, importance } of positions)
        levels[index] = thresholds.filter((threshold) => importance >= threshold).length;
    else {
      const ends = bits.map((_, level) =>
        Math.floor(positions.length * shares!.slice(0, level + 1).reduce((sum, share) => sum + share, 0) + 0.5 + 1e-9),
      );
      positions
        .sort((a, b) => a.importance - b.importance || a.turn - b.turn || a.index - b.index)
        .forEach(
          ({ index }, rank) => (levels[index] = Math.min(bits.length - 1, ends.filter((end) => rank >= end).length)),
        );
    }
    return levels;
  }

  it('says in words which level each position has', async () => {
    const { context, workbench } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const out = join(temporaryFolder(), 'rewritten.onnx');
    await runModelsExport([file], { out }, workbench, context);
    const { feeding } = z
      .object({ feeding: z.array(z.string()) })
      .parse(JSON.parse(readFileSync(join(out, '../rewritten.inputs.json'), 'utf8')));
    const words = feeding.join(' ');
    for (const part of ['the mean of the cells it covers', 'ascending importance', 'MurmurHash3', 'single row'])
      expect(words).toContain(part);
    const random = randomGenerator(3);
    for (const options of [
      { bits: [4, 2], lowShare: 0.25 },
      { bits: [8, 4, 2], regions: 5, lowShare: 0.4 },
      { bits: [4, 2], threshold: 0.5 },
    ]) {
      const plan = resolvePlan({ metric: 'gradient', ...options });
      const grid = { rows: plan.regions, columns: plan.regions };
      // Many cells are equally important.
      const values = Float32Array.from({ length: plan.regions ** 2 }, () => Math.floor(random() * 5) / 4);
      for (const [height, width] of [
        [14, 14],
        [16, 16],
        [7, 7],
        [13, 9],
        [30, 6],
        [3, 20],
        [1, 1],
        [1, 9],
      ] as const)
        expect(levelsAsWritten(plan, values, height, width)).toEqual([
          ...levelMap({ plan, grid, values }, height, width),
        ]);
    }
  });

  it('says that a folder is not there, not that writing is forbidden', async () => {
    const { context, workbench } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const out = join(temporaryFolder(), 'absent', 'rewritten.onnx');
    await expect(runModelsExport([file], { out }, workbench, context)).rejects.toMatchObject({
      code: 'output-unwritable',
      message: `${out}: cannot be written: there is no such folder`,
    });
  });

  it.each([
    { range: 'position', bits: [5, 2], lowShare: 0.5 },
    { range: 'position', bits: [4], powerOfTwo: true },
    { range: 'layer', bits: [6, 4, 1], inputBits: 7 },
    { quantiser: 'log', range: 'layer', bits: [5, 3] },
  ] satisfies PlanOptions[])('gives the same answers elsewhere, fed as its JSON says: %o', async (options) => {
    const { context, workbench } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier(2, { weights: 'external' }));
    const images = await pictures(2);
    if (resolvePlan(options).range === 'layer') await runModelsCalibrate([file, images], {}, workbench, context);
    // Alone in its folder: the weights must be inside.
    const out = join(temporaryFolder(), 'rewritten.onnx');
    await runModelsExport([file], { ...options, out }, workbench, context);
    const feeding = feedingShape.parse(JSON.parse(readFileSync(join(out, '../rewritten.inputs.json'), 'utf8')));
    expect(feeding.tensors.flatMap(({ layers }) => layers)).toHaveLength(3);

    const plan = resolvePlan(options);
    const preprocessing = presetPreprocessing('imagenet', {
      layout: 'NCHW',
      height: SIDE,
      width: SIDE,
      channelCount: 3,
    });
    const session = await ort.InferenceSession.create(out);
    for (const name of ['0.png', '1.png']) {
      const request: ModelRequest = { path: file };
      const installed = workbench.library.find(file);
      const opened = await workbench.open(installed, context.work);
      const ranges = await workbench.ranges(installed, opened, [plan], [], context.work);
      const image = join(images, name);
      const expected = await workbench.engine.run('analyse', { model: request, image, plan, ranges, counts: false });
      const pixels = new Float32Array(3 * SIDE * SIDE);
      toTensor((await loadImage(image, preprocessing)).image, preprocessing, pixels);
      const feeds: Record<string, ort.Tensor> = {
        [feeding.image.name]: new ort.Tensor('float32', pixels, [1, 3, SIDE, SIDE]),
      };
      for (const [input, value] of Object.entries(feeding.constants))
        feeds[input] = new ort.Tensor('float32', Float32Array.of(value), []);
      const grid = { rows: plan.regions, columns: plan.regions };
      for (const { levels, tables } of feeding.tensors) {
        const [, ...map] = levels.shape;
        const [height, width] = map.length === 3 ? [map[1]!, map[2]!] : [1, 1];
        const carried = levelMap({ plan, grid, values: expected.importance.values }, height, width);
        feeds[levels.name] = new ort.Tensor('int32', Int32Array.from(carried), [1, ...map]);
        for (const [input, values] of Object.entries(tables))
          feeds[input] = new ort.Tensor('float32', Float32Array.from(values), [values.length]);
      }
      expect(Object.keys(feeds).sort()).toEqual([...session.inputNames].sort());
      const results = await session.run(feeds);
      const scores = Array.from(results[feeding.output.name]!.data as Float32Array);
      Array.from(expected.quantised).forEach((value, index) => expect(scores[index]).toBeCloseTo(value, 6));
    }
    await session.release();
  });

  it('does not overwrite the model, and asks for ranges where it needs them', async () => {
    const { context, workbench } = bench();
    const file = writeModel(temporaryFolder(), 'net.onnx', smallClassifier());
    const write = (out: string, options: Omit<ExportFlags, 'out'> = {}) =>
      runModelsExport([file], { ...options, out }, workbench, context);
    await expect(write(file)).rejects.toMatchObject({ code: 'bad-argument' });
    const out = join(temporaryFolder(), 'out.onnx');
    await expect(write(out, { range: 'layer' })).rejects.toMatchObject({ code: 'calibration-missing' });
    const layerBits = join(temporaryFolder({ 'bits.json': '{ "conv_9": 3 }' }), 'bits.json');
    await expect(write(out, { layerBits })).rejects.toMatchObject({
      code: 'bad-plan',
      message: expect.stringContaining('conv_9'),
    });
    await expect(write(join(out, 'deeper.onnx'))).rejects.toMatchObject({ code: 'output-unwritable' });
    expect(existsSync(out)).toBe(false);
  });
});

/** A catalogue of one small model. */
function smallCatalogue(bytes: Uint8Array): Catalogue {
  return {
    ...modelCatalogue(),
    models: [
      {
        ...modelCatalogue().models[0]!,
        name: 'small-13',
        bytes: bytes.length,
        sha256: createHash('sha256').update(bytes).digest('hex'),
        input: [null, 3, SIDE, SIDE] as [null, number, number, number],
      },
    ],
  };
}

describe('fovea models download', () => {
  it('installs a model with its card', async () => {
    const { bytes } = smallClassifier();
    const server = await fileServer(serving(bytes));
    const catalogue = smallCatalogue(bytes);
    const { context, workbench, notes } = bench();
    const download = (name: string) => runModelsDownload([name], { host: server.url.origin }, context, catalogue);
    const { json } = await download('small-13');
    const path = join(workbench.library.folder, 'small-13', 'small-13.onnx');
    expect(json).toMatchObject({ id: 'small-13', path, classes: 8, licence: 'BSD-3-Clause', inputSize: [SIDE, SIDE] });
    expect(server.requests).toEqual([{ path: '/onnxmodelzoo/small-13/resolve/main/small-13.onnx', range: undefined }]);
    const opened = await workbench.open(workbench.library.find('small-13'), context.work);
    expect(opened.preprocessing).toMatchObject({ channels: 'BGR', resizeShorterSide: 18 });
    expect(opened.labels).toEqual([]);

    await download('small-13');
    expect(server.requests).toHaveLength(1);
    expect(notes.at(-1)).toBe('small-13 is installed already');
    await expect(download('other')).rejects.toMatchObject({ code: 'model-unknown' });
    await expect(runModelsDownload(['vgg16-7'], { timeout: 0 }, context)).rejects.toMatchObject({
      code: 'bad-argument',
    });
    await expect(runModelsDownload(['vgg16-7'], { host: 'nowhere' }, context)).rejects.toMatchObject({
      code: 'bad-argument',
    });
  });

  it('is content with what another process has downloaded and installed meanwhile', async () => {
    const { bytes } = smallClassifier();
    const { context, workbench, notes } = bench();
    const { folder } = workbench.library;
    const server = await fileServer((request, response) => {
      writeFileSync(join(folder, '.downloading', 'small-13', 'small-13.onnx'), bytes);
      renameSync(join(folder, '.downloading', 'small-13'), join(folder, 'small-13'));
      serving(bytes)(request, response);
    });
    const order = { host: server.url.origin };
    const { json } = await runModelsDownload(['small-13'], order, context, smallCatalogue(bytes));
    expect(json).toMatchObject({ id: 'small-13', path: join(folder, 'small-13', 'small-13.onnx') });
    expect(notes.at(-1)).toBe('small-13 is installed already');
    expect(readdirSync(join(folder, '.downloading'))).toEqual([]);
  });
});
