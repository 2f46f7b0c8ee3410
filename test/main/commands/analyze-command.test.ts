import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { runAnalyze } from '../../../src-main/commands/analyze-command.ts';
import { samples } from '../../../src-main/images/samples.ts';
import type { AnalyzeFlags } from '../../../src-main/commands/analyze-options.ts';
import type { CommandContext } from '../../../src-main/commands/command-line.ts';
import { bytesSource } from '../../../src-main/onnx/byte-source.ts';
import { readModel } from '../../../src-main/onnx/onnx-file.ts';
import { integerAttribute } from '../../../src-main/onnx/onnx-node.ts';
import { BOOL, DOUBLE, FLOAT, FLOAT16, INT32, INT64, UINT8 } from '../../../src-main/onnx/onnx-schema.ts';
import { makeValue } from '../../../src-main/onnx/onnx-tensor.ts';
import {
  concatBytes,
  encodeBytes,
  encodeMessage,
  encodeNumber,
  encodeString,
} from '../../../src-main/onnx/protobuf-wire.ts';
import { forkProcess } from '../../../src-main/engine/process-port.ts';
import { noteText } from '../../../src-main/text/work-text.ts';
import { Bench } from '../../../src-main/work/bench.ts';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { ENERGY_MODES } from '../../../src-shared/energy/energy-mode.ts';
import type { Analysis } from '../../../src-shared/analysis.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { macWeightedBits } from '../../../src-shared/measurement.ts';
import { planText } from '../../../src-shared/precision/plan-text.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { ModelBuilder, smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { smallCard } from '../small-card.ts';

const ENGINE = resolve(import.meta.dirname, '../../../src-main/engine.ts');
const OUTPUT = readModel(bytesSource(smallClassifier().bytes)).outputs[0]!.name;
const LABELS = ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu', 'hen'];

let workbench: Bench;
let context: CommandContext;
const notes: string[] = [];
let cleanUp: () => void;

beforeAll(async () => {
  const { mkdtempSync, rmSync } = await import('node:fs');
  const { tmpdir } = await import('node:os');
  const dataFolder = mkdtempSync(join(tmpdir(), 'fovea-analyze-'));
  cleanUp = () => rmSync(dataFolder, { recursive: true, force: true });
  workbench = new Bench({
    version: '1.2.3',
    dataFolder,
    engineScript: ENGINE,
    db: join(dataFolder, 'runs.sqlite'),
    spawn: forkProcess,
  });
  context = {
    version: '1.2.3',
    dataFolder,
    db: join(dataFolder, 'runs.sqlite'),
    work: {
      signal: new AbortController().signal,
      progress: () => undefined,
      note: (told) => notes.push(noteText(told)),
    },
    note: (line) => notes.push(line),
    progress: () => undefined,
  };
});
afterAll(() => {
  workbench.close();
  cleanUp();
});

const analyse = (images: readonly string[], flags: AnalyzeFlags) => runAnalyze(images, flags, workbench, context);

/** A card for the small classifier, `change`d to be wrong. */
function card(change: (card: CardFields) => unknown = (own) => own): string {
  return JSON.stringify(change({ ...smallCard(OUTPUT), labels: LABELS }));
}
interface CardFields {
  name: string;
  input: Record<string, unknown>;
  output: Record<string, unknown>;
  labels: unknown;
}

/** The small classifier, its card and a picture, in a folder of their own. */
async function folderOfModel(ownCard = card()): Promise<{ folder: string; model: string; photo: string }> {
  const folder = temporaryFolder({ 'small.json': ownCard });
  const model = writeModel(folder, 'small.onnx', smallClassifier());
  return { folder, model, photo: await picture(folder, 'photo.png') };
}

async function picture(folder: string, name: string): Promise<string> {
  const [width, height] = [64, 48];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => (at * 2654435761) >>> 24);
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  await sharp(data, { raw: { width, height, channels: 3 } }).toFile(join(folder, name));
  return join(folder, name);
}

test('photos are read otherwise than the card says where that is asked for; it is said, and kept apart', async () => {
  const { model, photo } = await folderOfModel();
  const installed = workbench.library.find(model);
  const bench = new Bench({
    version: '1.2.3',
    dataFolder: workbench.dataFolder,
    engineScript: ENGINE,
    db: workbench.db,
    spawn: forkProcess,
    pixels: { decoding: 'fast', colours: 'as-seen' },
  });
  onTestFinished(() => bench.close());
  const measured = async (own: Bench) => {
    notes.length = 0;
    const { json } = await runAnalyze([photo], { model }, own, context);
    const { preprocessing } = await own.known(installed, context.work);
    return { found: (json as Analysis).fromEarlierRun, preprocessing, notes: notes.join() };
  };
  const published = { resize: 'bilinear', colours: 'as-published', decoding: 'full' };
  expect(await measured(workbench)).toMatchObject({ found: false, preprocessing: published });
  const asked = { ...published, colours: 'as-seen', decoding: 'fast' };
  expect(await measured(bench)).toMatchObject({
    found: false,
    preprocessing: asked,
    notes: expect.stringContaining('shrunk while they are decoded') as string,
  });
  expect(await measured(bench)).toMatchObject({ found: true, preprocessing: asked });
  expect(await measured(workbench)).toMatchObject({ found: true, preprocessing: published });
});

describe('the document', () => {
  test('holds every field, and they agree with one another', async () => {
    const { model, photo } = await folderOfModel();
    const { json, text } = await analyse([photo], { model, bits: [6, 2], lowShare: 0.5, regions: 4 });
    // What programs get has been through JSON.
    const analysis = JSON.parse(JSON.stringify(json)) as Analysis;
    expect(analysis).toMatchObject({
      version: '1.2.3',
      image: { path: photo, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string, width: 64, height: 48 },
      model: { id: model, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) as string },
      plan: {
        metric: 'combined',
        regions: 4,
        bits: [2, 6],
        inputBits: 8,
        range: 'position',
        quantiser: 'linear',
        seed: 1,
      },
      importance: { metric: 'combined', grid: [4, 4] },
    });
    expect(Object.keys(analysis.plan.layerBits)).toEqual(analysis.layers.map((layer) => layer.name));
    for (const { top } of [analysis.baseline, analysis.quantised]) {
      expect(top).toHaveLength(5);
      expect(top.every((score) => LABELS[score.class] === score.label)).toBe(true);
      expect([...top].sort((a, b) => b.probability - a.probability)).toEqual(top);
    }
    expect(analysis.top1Kept).toBe(analysis.baseline.top[0]!.class === analysis.quantised.top[0]!.class);
    expect(analysis.top5Kept).toBe(
      analysis.quantised.top.some((score) => score.class === analysis.baseline.top[0]!.class),
    );
    expect(analysis.importance.values).toHaveLength(16);
    expect(analysis.importance.levels.filter((level) => level === 0)).toHaveLength(8);
    expect(analysis.layers.map(({ op, inputShape, macs }) => ({ op, inputShape, macs }))).toEqual([
      { op: 'Conv', inputShape: [3, 16, 16], macs: 8 * 8 * 8 * 27 },
      { op: 'Conv', inputShape: [8, 8, 8], macs: 16 * 8 * 8 * 72 },
      { op: 'Gemm', inputShape: [16, 4, 4], macs: 256 * 8 },
    ]);
    for (const layer of analysis.layers) {
      expect(layer.lockstepBits).toBeGreaterThanOrEqual(layer.meanBits);
      expect(layer.zeroShare).toBeGreaterThanOrEqual(0);
      expect(layer.nonZeroBits).toBeGreaterThan(0);
      expect(layer.sqnrDb).toBeGreaterThan(0);
      expect(layer.groupBits).toBeGreaterThan(0);
      expect(layer.palletBits).toBeGreaterThanOrEqual(layer.groupBits!);
      expect(layer.palletBits).toBeLessThanOrEqual(layer.maxBits);
    }
    expect(analysis.layers.map((layer) => layer.meanBits)).toEqual([8, 4, 4]);
    expect(macWeightedBits(analysis.layers)).toBeCloseTo((13_824 * 8 + (73_728 + 2048) * 4) / 89_600, 9);
    const priced = analysis.energy.map(({ accelerator, mode }) => `${accelerator} ${mode}`);
    expect(priced).toEqual(builtinAccelerators().flatMap(({ id }) => ENERGY_MODES.map((mode) => `${id} ${mode}`)));
    expect(analysis.notPriced).toEqual([]);
    for (const estimate of analysis.energy) {
      const parts = Object.values(estimate.components).reduce((sum, part) => sum + part, 0);
      expect(parts).toBeCloseTo(estimate.totalPicojoules, 3);
      expect(estimate.computePicojoules).toBeLessThanOrEqual(estimate.totalPicojoules);
      expect(estimate.cycles).toBeGreaterThan(0);
      expect(estimate.utilisation).toBeGreaterThan(0);
      expect(estimate.utilisation).toBeLessThanOrEqual(1);
      expect(typeof estimate.savedVs8bit).toBe('number');
    }
    expect(Object.keys(analysis.timings).sort()).toEqual(['decodeMs', 'importanceMs', 'inferenceMs', 'totalMs']);
    expect(text).toContain(analysis.baseline.top[0]!.label);
    expect(text).toMatch(/MAC-weighted bits in lock-step \d\.\d\d: .* below uniform 8 bits \(ideal 4\.\d\d\)/);
  });

  test('names its plan as folder runs do, and what costs more than 8 bits as more', async () => {
    const { model, photo } = await folderOfModel();
    const options = { metric: 'random', seed: 7, bits: [16, 12], powerOfTwo: true, inputBits: 10 } as const;
    const { text } = await analyse([photo], { model, ...options });
    expect(String(text)).toContain(`\nplan: ${planText(resolvePlan(options))}\n`);
    expect(text).toMatch(/MAC-weighted bits in lock-step 1\d\.\d\d: \d+\.\d % above uniform 8 bits/);
  });

  test('is the same from run to run, timings apart', async () => {
    const { model, photo } = await folderOfModel();
    const once = async () => {
      const { json } = await analyse([photo], { model, metric: 'random', seed: 7 });
      return { ...(json as Analysis), timings: null, fromEarlierRun: null };
    };
    expect(await once()).toEqual(await once());
  });

  test('of several images is a list in their order', async () => {
    const { folder, model, photo } = await folderOfModel();
    const second = await picture(folder, 'second.webp');
    const { json, failed } = await analyse([photo, second], { model });
    expect((json as Analysis[]).map((analysis) => analysis.image.path)).toEqual([photo, second]);
    expect(failed).toEqual([]);
  });

  test('of nothing in particular is of the samples, on the embedded model', async () => {
    const { json } = await analyse([], { bits: [4] });
    const analyses = json as Analysis[];
    expect(analyses.map((analysis) => analysis.image.path)).toEqual(samples());
    expect(samples().length).toBeGreaterThan(3);
    expect(analyses.every((analysis) => analysis.model.id === 'fovea-caltech101')).toBe(true);
  });
});

describe('options', () => {
  test('bits of single layers come from a file', async () => {
    const { folder, model, photo } = await folderOfModel();
    const { json: plain } = await analyse([photo], { model });
    const [, second, third] = (plain as Analysis).layers.map((layer) => layer.name);
    writeFileSync(join(folder, 'bits.json'), JSON.stringify({ [second!]: 5, [third!]: [7, 1] }));
    const { json } = await analyse([photo], { model, layerBits: join(folder, 'bits.json') });
    expect((json as Analysis).plan.layerBits).toMatchObject({ [second!]: [5, 5], [third!]: [1, 7] });
    expect((json as Analysis).layers[1]).toMatchObject({ meanBits: 5, maxBits: 5 });
  });

  test('a range per layer is calibrated on the images where the card has none, and says so', async () => {
    const { model, photo } = await folderOfModel();
    const { json } = await analyse([photo], { model, range: 'layer', bits: [16] });
    expect(notes.join('\n')).toMatch(/calibrated on 1 of the images/);
    for (const [at, score] of (json as Analysis).baseline.top.entries())
      expect((json as Analysis).quantised.top[at]!.probability).toBeCloseTo(score.probability, 2);
  });

  test('a model without a card is opened with a preset, and says so', async () => {
    const folder = temporaryFolder();
    const model = writeModel(folder, 'bare.onnx', smallClassifier());
    await analyse([await picture(folder, 'photo.png')], { model });
    expect(notes.join('\n')).toContain('preset "imagenet" is assumed');
  });

  test('--out writes importance, levels and bits over every photo, also of those that share a name', async () => {
    const { folder, model, photo } = await folderOfModel();
    const namesake = await picture(folder, join('other', 'photo.jpg'));
    const out = join(folder, 'new', 'maps');
    await analyse([photo, namesake], { model, out });
    const names = readdirSync(out).sort();
    expect(names).toHaveLength(6);
    for (const name of names) {
      expect(name).toMatch(/-(importance|levels|bits)\.png$/);
      expect((await sharp(join(out, name)).metadata()).format).toBe('png');
    }
    expect(new Set(names.map((name) => readFileSync(join(out, name)).toString('base64'))).size).toBeGreaterThan(3);
  });
});

// --- bad input ---------------------------------------------------------------------------------------------------------------

async function errorOf(work: Promise<unknown>): Promise<FoveaError> {
  const error = await work.then(
    () => new Error('accepted'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FoveaError)) throw error;
  expect(error.next).toMatch(/\.$/);
  return error;
}

test('of several images a bad one fails alone', async () => {
  const { folder, model, photo } = await folderOfModel();
  const bad = join(folder, 'text.jpg');
  writeFileSync(bad, 'no picture');
  const { json, failed } = await analyse([photo, bad, join(folder, 'missing.png'), photo], { model });
  expect((json as Analysis[]).map((analysis) => analysis.image.path)).toEqual([photo, photo]);
  expect(failed).toEqual([
    { path: bad, reason: expect.stringContaining('text.jpg') as string },
    { path: join(folder, 'missing.png'), reason: expect.stringContaining('missing.png') as string },
  ]);
});

test('when every image is bad the work has failed, and each is named', async () => {
  const { folder, model } = await folderOfModel();
  notes.length = 0;
  const error = await errorOf(analyse([join(folder, 'a.png'), join(folder, 'b.png')], { model }));
  expect(error).toMatchObject({ code: 'image-missing' });
  expect([error.message, ...notes].join('\n')).toMatch(/a\.png[\s\S]*b\.png/);
});

test('a picture of 16 bits a channel is analysed', async () => {
  const { folder, model } = await folderOfModel();
  const path = join(folder, 'deep.png');
  await sharp({ create: { width: 40, height: 40, channels: 3, background: '#a37' } })
    .toColourspace('rgb16')
    .png()
    .toFile(path);
  expect((await sharp(path).metadata()).depth).toBe('ushort');
  const { json } = await analyse([path], { model });
  expect((json as Analysis).image).toMatchObject({ width: 40, height: 40 });
});

const WRONG_CARDS: readonly [string, string, FoveaError['code'], RegExp][] = [
  ['that is no JSON', '{ "name": ', 'card-invalid', /small\.json: not JSON/],
  ['without an input', card(({ name, output }) => ({ name, output })), 'card-invalid', /small\.json.*input/],
  [
    'with another height than the model',
    card((own) => ({ ...own, input: { ...own.input, height: 32, resizeShorterSide: 32 } })),
    'card-contradicts-model',
    /input\.height says 32, the model has 16/,
  ],
  [
    'with another layout than the model',
    card((own) => ({ ...own, input: { ...own.input, layout: 'NHWC' } })),
    'card-contradicts-model',
    /input\.channels says 3, the model has 16/,
  ],
  [
    'with another input name',
    card((own) => ({ ...own, input: { ...own.input, name: 'picture' } })),
    'card-contradicts-model',
    /input\.name says picture, the model has image/,
  ],
  [
    'with another output name',
    card((own) => ({ ...own, output: { ...own.output, name: 'scores' } })),
    'card-contradicts-model',
    /output\.name says scores/,
  ],
  [
    'with a mean of two channels',
    card((own) => ({ ...own, input: { ...own.input, mean: [0, 0] } })),
    'card-invalid',
    /input\.mean.*3/,
  ],
  [
    'with seven labels for eight classes',
    card((own) => ({ ...own, labels: LABELS.slice(1) })),
    'labels-wrong-length',
    /7 labels for a model of 8 classes/,
  ],
  ['whose labels are not there', card((own) => ({ ...own, labels: 'names.txt' })), 'labels-unreadable', /names\.txt/],
  [
    'whose labels lie elsewhere',
    card((own) => ({ ...own, labels: '../names.txt' })),
    'card-invalid',
    /labels.*\.\.\/names\.txt/,
  ],
];

test.each(WRONG_CARDS)('a card %s is refused by its field', async (_, wrong, code, words) => {
  const { model, photo } = await folderOfModel(wrong);
  const error = await errorOf(analyse([photo], { model }));
  expect(error).toMatchObject({ code });
  expect(error.message).toMatch(words);
});

/** Models that are well-formed files, and yet cannot be used. */
const UNUSABLE: readonly [
  string,
  FoveaError['code'],
  RegExp,
  (b: ModelBuilder) => ReturnType<ModelBuilder['finish']>,
][] = [
  [
    'an operator that ONNX Runtime lacks',
    'model-unsupported-operator',
    /Frobnicate/,
    (b) => b.finish(b.flatten(b.unary('Frobnicate', b.conv(b.image(3, 16, 16), { out: 4 })))),
  ],
  [
    'no layer to quantise',
    'model-unsupported',
    /no Conv, Gemm or MatMul/,
    (b) => b.finish(b.flatten(b.relu(b.image(3, 16, 16)))),
  ],
  [
    'shapes that do not fit',
    'model-damaged',
    /m\.onnx/,
    (b) => {
      const x = b.conv(b.image(3, 16, 16), { out: 4 });
      return b.finish(b.gemm({ ...b.flatten(x), channels: 5 }, 6, x));
    },
  ],
  [
    'scores that are a map, not a row',
    'model-unsupported',
    /\[1, 4, 14, 14\].*one score a class/,
    (b) => b.finish(b.conv(b.image(3, 16, 16), { out: 4 })),
  ],
];

test.each(UNUSABLE)('a model with %s is refused', async (_, code, words, build) => {
  const folder = temporaryFolder();
  const model = writeModel(folder, 'm.onnx', build(new ModelBuilder(1)));
  const error = await errorOf(analyse([await picture(folder, 'photo.png')], { model }));
  expect(error).toMatchObject({ code });
  expect(error.message).toMatch(words);
  expect(error.message).toContain(model);
});

/** Scores as another type. */
function scoresAs(to: number): ReturnType<typeof smallClassifier> {
  const b = new ModelBuilder(1);
  const x = b.relu(b.conv(b.image(3, 16, 16), { out: 4 }));
  const cast = b.unary('Cast', b.softmax(b.gemm(b.flatten(b.globalPool(x)), 6, x)), [integerAttribute('to', to)]);
  return b.finish(cast, { output: makeValue(cast.name, to, ['N', 6]).bytes });
}

// A type of fewer bits than a byte is refused in the same place, before the first run; reading one ends the process, so none is here.
test.each([
  ['int64', INT64],
  ['int32', INT32],
  ['uint8', UINT8],
  ['float64', DOUBLE],
  ['bool', BOOL],
  ['string', 8],
])('a model whose scores are of %s is refused before it is run', async (name, type) => {
  const folder = temporaryFolder();
  const model = writeModel(folder, 'm.onnx', scoresAs(type));
  expect(await errorOf(analyse([await picture(folder, 'photo.png')], { model }))).toMatchObject({
    code: 'model-unsupported',
    message: expect.stringMatching(`m.onnx: output \\S+ is of ${name}, expected float32`),
    next: 'Export the model with float32 outputs.',
  });
});

test('a model whose scores are the class alone, or a sequence, is refused before it is run', async () => {
  const folder = temporaryFolder();
  const photo = await picture(folder, 'photo.png');
  const b = new ModelBuilder(1);
  const x = b.relu(b.conv(b.image(3, 16, 16), { out: 4 }));
  const scores = b.gemm(b.flatten(b.globalPool(x)), 6, x);
  const best = b.unary('ArgMax', scores, [integerAttribute('axis', 1)]);
  const ofClass = b.finish(best, { output: makeValue(best.name, INT64, ['N', 1]).bytes });
  // TypeProto's field 4 is a sequence, whose elements are a TypeProto (onnx.proto3).
  const list = b.unary('SequenceConstruct', scores);
  const element = encodeMessage(1, encodeNumber(1, FLOAT));
  const type = encodeMessage(2, encodeMessage(4, encodeBytes(1, element)));
  const ofSequence = b.finish(list, { output: concatBytes([encodeString(1, list.name), type]) });
  for (const [built, found] of [
    [ofClass, 'of int64'],
    [ofSequence, 'no tensor'],
  ] as const) {
    const model = writeModel(folder, 'm.onnx', built);
    expect(await errorOf(analyse([photo], { model }))).toMatchObject({
      code: 'model-unsupported',
      message: expect.stringMatching(`m.onnx: output \\S+ is ${found}, expected float32`),
    });
  }
});

test('a model whose scores are halves is computed in single precision', async () => {
  const folder = temporaryFolder();
  const photo = await picture(folder, 'photo.png');
  const topOf = async (type: number) => {
    const model = writeModel(folder, `m${type}.onnx`, scoresAs(type));
    const { json, failed } = await analyse([photo], { model });
    expect(failed).toEqual([]);
    return (json as Analysis).baseline.top;
  };
  expect(await topOf(FLOAT16)).toEqual(await topOf(FLOAT));
});

test('after a bad model a good one opens in the same engine', async () => {
  const folder = temporaryFolder();
  const bad = join(folder, 'bad.onnx');
  writeFileSync(bad, 'rubbish');
  await errorOf(analyse([], { model: bad }));
  const { model, photo } = await folderOfModel();
  expect((await analyse([photo], { model })).failed).toEqual([]);
});

test.each<[string, AnalyzeFlags, RegExp]>([
  ['an unknown model', { model: 'resnet-5000' }, /no model is called resnet-5000; installed: .*fovea-caltech101/],
  ['an unknown accelerator', { accelerator: ['abacus'] }, /abacus/],
  ['bits for an unknown layer', { layerBits: 'FILE' }, /conv_99/],
  ['an unknown layer to draw', { out: 'OUT', layer: 'conv_99' }, /conv_99/],
])('%s is refused', async (_, flags, words) => {
  const { folder, model, photo } = await folderOfModel();
  writeFileSync(join(folder, 'bits.json'), '{ "conv_99": 4 }');
  const error = await errorOf(
    analyse([photo], {
      model,
      ...flags,
      ...(flags.layerBits ? { layerBits: join(folder, 'bits.json') } : {}),
      ...(flags.out ? { out: join(folder, 'out') } : {}),
    }),
  );
  expect(error.message).toMatch(words);
});
