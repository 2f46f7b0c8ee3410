import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { integersAttribute } from '../../src-main/onnx/onnx-node.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { fovea } from './fovea.ts';
import { ModelBuilder, writeModel } from './onnx/onnx-models.ts';

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fovea-left-out-'));
  const b = new ModelBuilder(3);
  const x = b.relu(b.conv(b.image(3, 16, 16), { out: 4, kernel: [2, 2], stride: 2 }));
  const up = b.node('ConvTranspose', [x.name, b.weights([4, 5, 2, 2], 0.3)], [integersAttribute('strides', [2, 2])]);
  const pooled = b.globalPool({ ...x, name: up, channels: 5 });
  writeModel(folder, 'up.onnx', b.finish(b.gemm(b.flatten(pooled), 6, pooled)));
  const photo = sharp({ create: { width: 40, height: 40, channels: 3, background: '#3a7' } });
  await photo.toFile(join(folder, 'photo.png'));
  // Twelve bits in sixteen.
  const raw = { width: 40, height: 40, channels: 3 } as const;
  const dark = sharp(new Uint16Array(40 * 40 * 3).fill(4000), { raw })
    .toColourspace('rgb16')
    .png();
  await dark.toFile(join(folder, 'dark.png'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shape = z.object({
  leftOut: z.array(z.object({ name: z.string(), op: z.string(), macs: z.number(), why: z.string() })),
});
const SENTENCE = /1 of 3 layers, 62 % of the MACs, is not quantised: convtranspose_\d+ \(ConvTranspose/;

const where = () => ({ cwd: folder, dataFolder: join(folder, 'data') });
const LEFT_OUT = [
  {
    name: expect.stringContaining('convtranspose') as string,
    op: 'ConvTranspose',
    macs: 8 * 8 * 4 * 5 * 4,
    why: 'a transposed convolution',
  },
];

test.each([['analyze', 'photo.png'], ['batch', '.', '--labels', 'none'], ['energy'], ['models', 'inspect', 'up.onnx']])(
  'fovea %s says what of the network is not quantised, in words and in JSON',
  async (...words) => {
    const command = words[0] === 'models' ? words : [...words, '--model', 'up.onnx'];
    const [text, json] = [await fovea(command, where()), await fovea([...command, '--json'], where())];
    expect(text.stdout.replace(/\s+/g, ' ')).toMatch(SENTENCE);
    expect(shape.parse(JSON.parse(json.stdout)).leftOut).toEqual(LEFT_OUT);
  },
);

// Layers: 8 x 8 x 4 outputs of 12 products at 8 bits (the image), 5 x 6 products at 4. Left out: 5,120 products at 8 bits.
const MACS = { first: 8 * 8 * 4 * 12, last: 30, left: 5120 };
const BITS = (8 * MACS.first + 4 * MACS.last + 8 * MACS.left) / (MACS.first + MACS.last + MACS.left);

test('savings of a run are those of the whole network, wherever they are told', async () => {
  const batch = ['batch', '.', '--labels', 'none', '--metric', 'uniform', '--bits', '4', '--name', 'whole'];
  const run = await fovea([...batch, '--model', 'up.onnx', '--json'], where());
  const report = z.object({
    plans: z.array(
      z.object({
        macWeightedBits: z.number(),
        macWeightedLockstepBits: z.number(),
        energy: z.array(z.object({ accelerator: z.string(), mode: z.string(), savedVs8bit: z.number() })),
      }),
    ),
    policies: z.array(z.object({ policy: z.string(), savedVs8bit: z.number() })),
    leftOut: shape.shape.leftOut,
    remarks: z.array(z.object({ path: z.string(), remarks: z.array(z.string()) })),
  });
  const batched = report.parse(JSON.parse(run.stdout));
  const shown = report.parse(JSON.parse((await fovea(['runs', 'show', 'whole', '--json'], where())).stdout));
  expect(shown).toEqual(batched);
  expect(shown.leftOut).toEqual(LEFT_OUT);
  const darkness = expect.stringContaining('only the lowest 12 are used') as string;
  expect(shown.remarks).toEqual([{ path: 'dark.png', remarks: [darkness] }]);
  expect(shown.plans[0]!.macWeightedBits).toBeCloseTo(BITS, 6);
  expect(shown.plans[0]!.macWeightedLockstepBits).toBeCloseTo(BITS, 6);
  expect(shown.policies.find(({ policy }) => policy === 'fixed')?.savedVs8bit ?? 0).toBeLessThanOrEqual(
    1 - BITS / 8 + 1e-6,
  );
  const words = (await fovea(['runs', 'show', 'whole'], where())).stdout.replace(/\s+/g, ' ');
  expect(words).toMatch(SENTENCE);
  expect(words).toMatch(/Remarks on 1 image .* 1 image: dark\.png/);
  // The one of an image is that of the folder it is alone in.
  const analysis = await fovea(
    ['analyze', 'photo.png', '--model', 'up.onnx', '--metric', 'uniform', '--bits', '4', '--json'],
    where(),
  );
  const energy = report.shape.plans.element.shape.energy;
  const stripes = (list: z.infer<typeof energy>) =>
    list.find(({ accelerator, mode }) => accelerator === 'stripes' && mode === 'lockstep')!.savedVs8bit;
  expect(stripes(z.object({ energy }).parse(JSON.parse(analysis.stdout)).energy)).toBeCloseTo(
    stripes(shown.plans[0]!.energy),
    9,
  );
});

const CASES = resolve(import.meta.dirname, '../../../shared/cases/models');
/** Public reports rebuilt; these cannot be used, and say why. */
const REFUSED: Readonly<Record<string, string>> = {
  'bf16.onnx': 'bfloat16',
  'bn-train.onnx': 'BatchNormalization',
  'ir99.onnx': 'IR version 99',
};
describe.skipIf(!existsSync(CASES))('the shared cases', () => {
  test.each(existsSync(CASES) ? readdirSync(CASES).filter((name) => name.endsWith('.onnx')) : [])(
    '%s is understood as a whole, or refused by name',
    async (name) => {
      const path = join(CASES, name);
      if (REFUSED[name]) {
        const refusal = await openModel({ path }).catch((error: unknown) => error);
        expect(refusal).toBeInstanceOf(FoveaError);
        expect((refusal as FoveaError).code).toMatch(/^model-unsupported/);
        expect((refusal as FoveaError).message).toContain(REFUSED[name]);
        return;
      }
      const { network, model } = await openModel({ path });
      expect(model.leftOut.map(({ op }) => op)).toEqual(name === 'qlinear.onnx' ? ['QLinearConv'] : []);
      expect(model.layers.length).toBeGreaterThan(0);
      await network.close();
    },
  );
});
