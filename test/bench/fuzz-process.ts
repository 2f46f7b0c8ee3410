import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { openModel } from '../../src-main/engine/inside/opened-model.ts';
import { loadImage } from '../../src-main/images/image-file.ts';
import { layersOf } from '../../src-main/network/graph-layers.ts';
import { openModelFile } from '../../src-main/onnx/model-file.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { randomGenerator } from '../../src-shared/importance/random.ts';
import { presetPreprocessing } from '../../src-shared/preprocessing.ts';
import { randomNetwork, STYLES } from '../main/onnx/onnx-models.ts';

// A process that opens mutated files, one for each message `{ kind, seed }`, and answers what came of it: a crash ends it alone.

/** `accepted`, the refusal's text, or what is no refusal. */
export interface FuzzAnswer {
  readonly outcome: 'accepted' | 'refused' | 'unforeseen';
  readonly text: string;
}

export interface FuzzJob {
  /** `file` is what the main process does of a model, `model` what an engine does. */
  readonly kind: 'file' | 'model' | 'image';
  readonly seed: number;
}

const folder = process.argv[2]!;

function mutated(bytes: Uint8Array, seed: number): Uint8Array {
  const random = randomGenerator(seed);
  const integer = (below: number) => Math.floor(random() * Math.max(1, below));
  let result = bytes.slice();
  // Half of the files keep all lengths: most others end at the first number that no longer fits.
  const kinds = integer(2) === 0 ? 3 : 6;
  for (let changes = 1 + integer(kinds); changes > 0; changes--) {
    const at = integer(result.length);
    const length = 1 + integer(16);
    const kind = integer(kinds);
    if (kind < 3) result[at] = kind === 0 ? integer(256) : result[at]! ^ (1 << integer(8));
    else if (kind === 3) result = Uint8Array.from([...result.subarray(0, at), ...result.subarray(at + length)]);
    else if (kind === 4)
      result = Uint8Array.from([
        ...result.subarray(0, at),
        ...result.subarray(at, at + length),
        ...result.subarray(at),
      ]);
    else if (integer(4) === 0) result = result.slice(0, at);
  }
  return result;
}

const FORMATS: readonly ((image: Sharp) => Sharp)[] = [
  (image) => image.jpeg(),
  (image) => image.png(),
  (image) => image.webp(),
  (image) => image.gif(),
  (image) => image.tiff(),
  (image) => image.tiff({ compression: 'lzw' }),
  (image) => image.toColourspace('rgb16').png(),
  (image) => image.toColourspace('cmyk').jpeg(),
];
const pictures = new Map<number, Promise<Buffer>>();

function picture(index: number): Promise<Buffer> {
  const random = randomGenerator(index);
  const data = new Uint8Array(96 * 72 * 3).map((_, at) => (at % 251) + Math.floor(random() * 5));
  const own =
    pictures.get(index) ?? FORMATS[index]!(sharp(data, { raw: { width: 96, height: 72, channels: 3 } })).toBuffer();
  pictures.set(index, own);
  return own;
}

const PREPROCESSING = presetPreprocessing('imagenet', { layout: 'NCHW', height: 16, width: 16, channelCount: 3 });

async function attempt({ kind, seed }: FuzzJob): Promise<void> {
  if (kind === 'image') {
    const path = join(folder, 'image');
    writeFileSync(path, mutated(await picture(seed % FORMATS.length), seed));
    await loadImage(path, PREPROCESSING);
    return;
  }
  const path = join(folder, 'model.onnx');
  const { bytes, external } = randomNetwork(seed % 50, STYLES[seed % STYLES.length]);
  writeFileSync(path, mutated(bytes, seed));
  if (external.length > 0) writeFileSync(join(folder, 'weights.bin'), external);
  if (kind === 'file') {
    const file = openModelFile(path);
    try {
      layersOf(file);
    } finally {
      file.source.close();
    }
  } else await (await openModel({ path, preset: 'imagenet' })).network.close();
}

process.on('message', (job: FuzzJob) => {
  attempt(job).then(
    () => process.send!({ outcome: 'accepted', text: '' } satisfies FuzzAnswer),
    (error: unknown) =>
      process.send!(
        error instanceof FoveaError
          ? { outcome: 'refused', text: `${error.code}: ${error.message} ${error.next}` }
          : { outcome: 'unforeseen', text: error instanceof Error ? (error.stack ?? error.message) : String(error) },
      ),
  );
});
