import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as ort from 'onnxruntime-node';
import sharp from 'sharp';
import { loadImage } from '../../../src-main/images/image-file.ts';
import { presetPreprocessing, toTensor, type PreprocessingPreset } from '../../../src-shared/preprocessing.ts';
import { ModelBuilder } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Pixels of the side of the models here. */
export const SIDE = 16;

/** Coloured pictures that differ in hue and brightness. */
export async function pictures(count: number, folder = temporaryFolder()): Promise<string> {
  for (let k = 0; k < count; k++) {
    const data = Uint8Array.from({ length: 20 * 20 * 3 }, (_, i) =>
      i % 3 === k % 3 ? 40 + ((k * 53) % 200) : (i * k * 7) % 90,
    );
    await sharp(data, { raw: { width: 20, height: 20, channels: 3 } })
      .png()
      .toFile(join(folder, `${k}.png`));
  }
  return folder;
}

/** Scores the classes by the means of the three channels, so that preprocessing decides. */
export function colourClassifier(seed: number) {
  const b = new ModelBuilder(seed);
  const pooled = b.globalPool(b.relu(b.conv(b.image(3, SIDE, SIDE), { out: 12, kernel: [1, 1] })));
  return b.finish(b.softmax(b.gemm(b.flatten(pooled), 6, pooled)));
}

/** The class a model gives each picture, prepared as a preset says, by ONNX Runtime alone. */
export async function answers(
  model: string,
  folder: string,
  preset: PreprocessingPreset,
): Promise<Map<string, number>> {
  const preprocessing = presetPreprocessing(preset, { layout: 'NCHW', height: SIDE, width: SIDE, channelCount: 3 });
  const session = await ort.InferenceSession.create(model);
  const found = new Map<string, number>();
  for (const name of readdirSync(folder).filter((file) => /^\d+\.png$/.test(file))) {
    const pixels = new Float32Array(3 * SIDE * SIDE);
    toTensor((await loadImage(join(folder, name), preprocessing)).image, preprocessing, pixels);
    const results = await session.run({ image: new ort.Tensor('float32', pixels, [1, 3, SIDE, SIDE]) });
    const scores = Array.from(results[session.outputNames[0]!]!.data as Float32Array);
    found.set(name, scores.indexOf(Math.max(...scores)));
  }
  await session.release();
  return found;
}
