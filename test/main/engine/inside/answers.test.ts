import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { probabilities } from '../../../../src-main/engine/inside/image-analysis.ts';
import { integerAttribute, integersAttribute } from '../../../../src-main/onnx/onnx-node.ts';
import { FLOAT, UINT8 } from '../../../../src-main/onnx/onnx-schema.ts';
import { makeValue } from '../../../../src-main/onnx/onnx-tensor.ts';
import { resolvePlan } from '../../../../src-shared/precision/precision-plan.ts';
import { ModelBuilder, type BuiltModel, type Feature } from '../../onnx/onnx-models.ts';
import { measured, plans, run, scene } from './engine-scene.ts';

/** A head that divides by the length of the features: with nothing left of the image, by zero. */
function cosineHead(): BuiltModel {
  const b = new ModelBuilder(3);
  const x = b.flatten(b.globalPool(b.relu(b.conv(b.image(3, 8, 8), { out: 8, bias: false }))));
  const length = b.node('ReduceL2', [x.name], [integersAttribute('axes', [1]), integerAttribute('keepdims', 1)]);
  const name = b.node('MatMul', [b.node('Div', [x.name, length]), b.weights([8, 6], 1)]);
  return b.finish({ ...x, name, channels: 6 });
}

const analysis = (model: { path: string }, image: string, bits: number[]) => ({
  model,
  image,
  plan: resolvePlan({ bits, inputBits: bits[0]! }),
  ranges: null,
  counts: false,
});

test('scores that are not finite are no answer: the image fails by name under that plan, and only there', async () => {
  const { model, photos } = await scene(1, cosineHead());
  await expect(run('analyse', analysis(model, photos[0]!, [0]))).rejects.toMatchObject({
    code: 'scores-not-finite',
    message: expect.stringContaining(photos[0]!) as string,
    next: expect.stringContaining('more bits') as string,
  });
  expect((await run('analyse', analysis(model, photos[0]!, [8]))).quantised).toHaveLength(6);
});

test('in a run such an outcome has no classes: never right, never kept, never chosen', async () => {
  const { model, photos } = await scene(2, cosineHead());
  const images = photos.map((path) => ({ path, plans: [0, 1], baseline: true }));
  const all = plans({ bits: [0], inputBits: 0 }, { bits: [8] });
  const results = measured(await run('evaluate', { model, images, plans: all, ranges: null, counts: false }));
  for (const image of results) {
    const top = (plan: number) => image.results.find((result) => result.plan === plan)!.top;
    expect(top(0)).toEqual({ classes: [], probabilities: [] });
    expect(top(1).classes).toHaveLength(5);
    expect(image.baseline!.classes).toHaveLength(5);
  }
});

test('a plain network without finite scores fails its images', async () => {
  const b = new ModelBuilder(3);
  const x = b.gemm(b.flatten(b.globalPool(b.relu(b.conv(b.image(3, 8, 8), { out: 8 })))), 6);
  const logarithm = b.node('Log', [b.node('Sub', [x.name, x.name])]);
  const { model, photos } = await scene(1, b.finish({ ...x, name: b.node('Sub', [logarithm, logarithm]) }));
  const images = [{ path: photos[0]!, plans: [0], baseline: true }];
  const input = { model, images, plans: plans({ bits: [8] }), ranges: null, counts: false };
  expect(await run('evaluate', input)).toMatchObject([{ failure: { code: 'scores-not-finite' } }]);
  await expect(run('analyse', analysis(model, photos[0]!, [8]))).rejects.toMatchObject({
    next: expect.stringContaining('preprocessing') as string,
  });
  const compared = await run('comparePresets', { model, images: [{ path: photos[0]!, label: 0 }] });
  expect(compared.scores.every(({ top1, top5 }) => top1 === 0 && top5 === 0)).toBe(true);
});

test('probabilities follow the kind of the scores', () => {
  const scores = Float32Array.of(0.25, 0.75, 0.5);
  expect(probabilities(scores, { outputKind: 'sigmoid' })).toEqual(scores);
  expect(probabilities(scores, { outputKind: 'probabilities' })).toEqual(scores);
  expect(probabilities(Float32Array.of(1, 1), { outputKind: 'logits' })).toEqual(Float32Array.of(0.5, 0.5));
  expect(probabilities(Float32Array.of(0.2), { outputKind: 'sigmoid' })).toEqual(
    Float32Array.of(1 - Math.fround(0.2), 0.2),
  );
  expect(probabilities(Float32Array.of(0), { outputKind: 'logits' })).toEqual(Float32Array.of(0.5, 0.5));
  for (const bad of [NaN, Infinity, -Infinity])
    expect(probabilities(Float32Array.of(0.5, bad), { outputKind: 'probabilities' })).toBeNull();
});

function classifier(
  b: ModelBuilder,
  stem: Feature,
  finish: (x: Feature) => BuiltModel = (x) => b.finish(b.gemm(x, 6)),
): BuiltModel {
  return finish(b.flatten(b.globalPool(b.relu(b.conv(stem, { out: 8 })))));
}

test('one score is two classes, and the answer may be either', async () => {
  const b = new ModelBuilder(2);
  const { model, photos } = await scene(
    1,
    classifier(b, b.image(3, 8, 8), (x) => b.finish(b.unary('Sigmoid', b.gemm(x, 1)))),
  );
  expect(await run('open', { model })).toMatchObject({ classes: 2, outputKind: 'sigmoid' });
  const { baseline } = await run('analyse', analysis(model, photos[0]!, [8]));
  expect(baseline).toHaveLength(2);
  expect(baseline[0]! + baseline[1]!).toBeCloseTo(1, 6);
});

test('bytes go into a network that takes them, or that subtracts a mean of bytes itself, unless a preset says otherwise', async () => {
  const bytes = new ModelBuilder(2);
  const cast: Feature = {
    name: bytes.node('Cast', ['image'], [integerAttribute('to', FLOAT)]),
    channels: 3,
    height: 8,
    width: 8,
    layout: 'NCHW',
  };
  const input = makeValue('image', UINT8, ['N', 3, 8, 8]).bytes;
  const uint8 = await scene(
    0,
    classifier(bytes, cast, (x) => bytes.finish(bytes.gemm(x, 6), { input })),
  );
  expect(await run('open', uint8)).toMatchObject({
    preset: 'bytes',
    preprocessing: { range: [0, 255], mean: [0, 0, 0] },
  });

  const b = new ModelBuilder(2);
  const image = b.image(3, 8, 8);
  const mean = b.tensor([1, 3, 1, 1], Float32Array.of(123.7, 116.3, 103.5));
  const { model } = await scene(0, classifier(b, { ...image, name: b.node('Sub', [image.name, mean]) }));
  const opened = await run('open', { model });
  expect(opened.preset).toBe('bytes');
  expect(opened.remarks).toEqual([expect.stringMatching(/normalises its input itself \(Sub sub_/)]);
  expect(await run('open', { model: { ...model, preset: 'caffe' } })).toMatchObject({ preset: 'caffe' });
});

const card = (name: string, output: string, layout: string, kind = 'logits') => ({
  name,
  input: {
    ...{ name: 'image', layout, channels: 'RGB', height: 12, width: 12, resizeShorterSide: 12, crop: 'centre' },
    ...{ range: [0, 1], mean: [0, 0, 0], std: [1, 1, 1] },
  },
  output: { name: output, kind },
});

test("the card's layout and size decide where the file leaves all axes open", async () => {
  const b = new ModelBuilder(2);
  const name = b.node('Transpose', ['image'], [integersAttribute('perm', [0, 3, 1, 2])]);
  const input = makeValue('image', FLOAT, ['N', 'h', 'w', 'c']).bytes;
  let output = '';
  const stem: Feature = { name, channels: 3, height: 12, width: 12, layout: 'NCHW' };
  const built = classifier(b, stem, (x) => {
    const scores = b.gemm(x, 6);
    output = scores.name;
    return b.finish(scores, { input });
  });
  const { folder, model, photos } = await scene(1, built);
  writeFileSync(join(folder, 'small.json'), JSON.stringify(card('open', output, 'NHWC')));
  expect(await run('open', { model })).toMatchObject({ layers: [{ inputShape: [3, 12, 12] }, {}] });
  expect((await run('analyse', analysis(model, photos[0]!, [8]))).baseline).toHaveLength(6);
});

test('a card that chooses another output is counted for that output, and told where it contradicts a run', async () => {
  const b = new ModelBuilder(4);
  const first = b.relu(b.conv(b.image(3, 12, 12), { out: 8, padding: 1 }));
  const early = b.softmax(b.gemm(b.flatten(b.globalPool(first)), 6));
  const late = b.gemm(b.flatten(b.globalPool(b.relu(b.conv(first, { out: 8 })))), 6);
  const model = b.finish(late, { outputsBefore: [makeValue(early.name, FLOAT, ['N', 6]).bytes] });
  const { folder, model: own } = await scene(0, model);
  expect((await run('open', { model: own })).remarks).toEqual([
    expect.stringContaining(`Output ${late.name} is taken`),
  ]);
  writeFileSync(join(folder, 'small.json'), JSON.stringify(card('early', early.name, 'NCHW')));
  const opened = await run('open', { model: own });
  expect(opened.layers.map(({ op }) => op)).toEqual(['Conv', 'Gemm']);
  expect(opened.signature.outputName).toBe(early.name);
  expect(opened.remarks).toEqual([expect.stringContaining('look like probabilities')]);
});
