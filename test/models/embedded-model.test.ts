import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import sharp from 'sharp';
import { beforeAll, describe, expect, test } from 'vitest';
import { PICTURES, render } from '../../resources/samples/pictures.ts';
import { loadImage } from '../../src-main/images/image-file.ts';
import { readCard, readLabels } from '../../src-main/models/model-card-file.ts';
import { checkCard, type ModelCard } from '../../src-shared/model-card.ts';
import { tensorLength, toTensor } from '../../src-shared/preprocessing.ts';

const MODEL = fileURLToPath(new URL('../../models/fovea-caltech101.onnx', import.meta.url));
const SAMPLES = fileURLToPath(new URL('../../resources/samples', import.meta.url));

let session: InferenceSession;
let card: ModelCard;
let labels: readonly string[];

beforeAll(async () => {
  session = await InferenceSession.create(MODEL);
  const found = await readCard(MODEL);
  if (found === null) throw new Error('the embedded model has no card');
  card = found;
  labels = await readLabels(MODEL, card, 100);
});

/** Probabilities of the images, in order, from one call. */
async function classify(files: readonly string[]): Promise<Float32Array[]> {
  const length = tensorLength(card.input);
  const pixels = new Float32Array(files.length * length);
  for (const [index, file] of files.entries())
    toTensor((await loadImage(file, card.input)).image, card.input, pixels, index * length);
  const input = new Tensor('float32', pixels, [files.length, 3, card.input.height, card.input.width]);
  const { [card.output.name]: output } = await session.run({ [card.input.name]: input });
  const values = output!.data as Float32Array;
  return files.map((_, index) => values.subarray(index * labels.length, (index + 1) * labels.length));
}

/** A class as a file name would spell it. */
function slug(label: string): string {
  return label.toLowerCase().replaceAll(/[^a-z]+/g, '-');
}

function samples(): string[] {
  return Object.keys(PICTURES).map((name) => join(SAMPLES, name));
}

describe('the embedded model', () => {
  test('is at most 3.5 MB', async () => {
    expect((await stat(MODEL)).size).toBeLessThanOrEqual(3_500_000);
  });

  test('its card fits it, with a dynamic batch', () => {
    const shape = (side: InferenceSession.ValueMetadata | undefined) => (side?.isTensor ? side.shape : []);
    const axes = (side: InferenceSession.ValueMetadata | undefined) =>
      shape(side).map((axis) => (typeof axis === 'number' ? axis : null));
    const [input, output] = [session.inputMetadata[0], session.outputMetadata[0]];
    const signature = {
      inputName: input!.name,
      inputShape: axes(input),
      outputName: output!.name,
      outputShape: axes(output),
    };
    expect(signature.inputShape).toEqual([null, 3, 128, 128]);
    expect(signature.outputShape).toEqual([null, 100]);
    expect(() => checkCard(card, signature, 'card')).not.toThrow();
  });

  test('its card names 100 classes, their folders, the licence and the photos it learnt from', () => {
    expect(new Set(labels).size).toBe(100);
    expect(labels).toContain('stop sign');
    const folders = card['classFolders'] as string[];
    expect(folders).toHaveLength(100);
    expect(folders).toEqual([...folders].sort());
    expect(labels[folders.indexOf('water_lilly')]).toBe('water lily');
    expect(card.licence).toMatch(/MIT/);
    expect(card.attribution).toMatch(/Caltech-101.*CC BY 4\.0/);
    expect(card.accuracy?.images).toBe(2748);
    expect(card.accuracy?.top1).toBeGreaterThan(0.82);
    expect(card.accuracy?.top5).toBeGreaterThan(0.94);
  });

  test('answers with probabilities, the same alone and in a batch', async () => {
    const files = samples().slice(0, 3);
    const together = await classify(files);
    for (const [index, file] of files.entries()) {
      const [alone] = await classify([file]);
      expect(together[index]!.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5);
      expect(Math.max(...alone!.map((value, c) => Math.abs(value - together[index]![c]!)))).toBeLessThan(1e-5);
    }
  });
});

describe('the sample pictures', () => {
  test('are those that the script draws, in less than a megabyte', async () => {
    const stored = (await readdir(SAMPLES)).filter((name) => /\.(jpg|png|webp)$/.test(name));
    expect(stored.sort()).toEqual(Object.keys(PICTURES).sort());
    const sizes = await Promise.all(stored.map(async (name) => (await stat(join(SAMPLES, name))).size));
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(1_000_000);
  });

  test.each(Object.entries(PICTURES))('%s is what its scene draws', async (name, scene) => {
    // Fovea reads no drawings, but this is one.
    sharp.unblock({ operation: ['VipsForeignLoadSvg'] });
    // Small, so that what lossy compression takes is averaged away.
    const drawing = await sharp(await render(scene()).png().toBuffer())
      .resize(100)
      .raw()
      .toBuffer();
    const stored = await sharp(join(SAMPLES, name)).resize(100).raw().toBuffer();
    expect(stored).toHaveLength(drawing.length);
    const difference = drawing.reduce((sum, value, index) => sum + Math.abs(value - stored[index]!), 0);
    expect(difference / drawing.length).toBeLessThan(4);
  });

  test('show classes of the model, which names most of them', async () => {
    const shown = Object.keys(PICTURES).map((name) => labels.findIndex((label) => slug(label) === name.split('.')[0]));
    expect(shown).not.toContain(-1);
    const answers = (await classify(samples())).map((probabilities) =>
      probabilities.indexOf(Math.max(...probabilities)),
    );
    const right = answers.filter((answer, index) => answer === shown[index]).length;
    expect(right).toBeGreaterThanOrEqual(shown.length / 2);
  });
});
