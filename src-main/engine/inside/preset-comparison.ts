import { toErrorRecord } from '../../../src-shared/errors.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import {
  channelCount,
  PREPROCESSING_PRESETS,
  presetPreprocessing,
  toTensor,
  type Preprocessing,
  type PreprocessingPreset,
} from '../../../src-shared/preprocessing.ts';
import { type FailedPath, type TaskContext, throwIfCancelled } from './task-context.ts';
import { probabilities, split } from './image-analysis.ts';
import { loadImage, type LoadedImage } from '../../images/image-file.ts';
import type { Network } from '../../network/network.ts';
import type { OpenedModel } from './opened-model.ts';

/** One way to prepare images, and how often the model was right with it. */
export interface PresetScore {
  /** A preset, or the preprocessing of the model's card. */
  readonly preset: PreprocessingPreset | 'card';
  readonly preprocessing: Preprocessing;
  /** Shares (0..1) of the images. */
  readonly top1: number;
  readonly top5: number;
}

export interface PresetComparison {
  /** The card's own first, where there is one. */
  readonly scores: readonly PresetScore[];
  /** Images that could be read. */
  readonly images: number;
  readonly failed: readonly FailedPath[];
}

/**
 * Runs the plain network on labelled images under every preset.
 * @throws FoveaError `inference-failed`, `cancelled`
 */
export async function comparePresets(
  network: Network,
  model: OpenedModel,
  images: readonly { readonly path: string; readonly label: number }[],
  { signal, progress }: TaskContext,
): Promise<PresetComparison> {
  const candidates = candidatesOf(model);
  const hits = candidates.map(() => ({ top1: 0, top5: 0 }));
  const failed: FailedPath[] = [];
  for (const [index, { path, label }] of images.entries()) {
    throwIfCancelled(signal);
    try {
      const { scores } = await network.plain(await tensors(path, candidates, network.inputLength), candidates.length);
      split(scores, candidates.length).forEach((own, candidate) => {
        const shares = probabilities(own, model);
        const classes = shares ? topClasses(shares).classes : [];
        if (classes[0] === label) hits[candidate]!.top1++;
        if (classes.includes(label)) hits[candidate]!.top5++;
      });
    } catch (error) {
      const record = toErrorRecord(error);
      if (!record.code.startsWith('image-')) throw error;
      failed.push({ path, error: record });
    }
    progress({ done: index + 1, total: images.length });
  }
  const counted = images.length - failed.length;
  return {
    scores: candidates.map((candidate, index) => ({
      ...candidate,
      top1: hits[index]!.top1 / counted,
      top5: hits[index]!.top5 / counted,
    })),
    images: counted,
    failed,
  };
}

type Candidate = Pick<PresetScore, 'preset' | 'preprocessing'>;

function candidatesOf({ card, preprocessing }: OpenedModel): Candidate[] {
  const input = { ...preprocessing, channelCount: channelCount(preprocessing) };
  const presets = Object.keys(PREPROCESSING_PRESETS) as PreprocessingPreset[];
  return [
    ...(card ? [{ preset: 'card', preprocessing } as const] : []),
    ...presets.map((preset) => ({ preset, preprocessing: presetPreprocessing(preset, input) })),
  ];
}

/** The image's tensor under each candidate; decoded once for all that resize alike. */
async function tensors(path: string, candidates: readonly Candidate[], length: number): Promise<Float32Array> {
  const joined = new Float32Array(length * candidates.length);
  const decoded = new Map<string, LoadedImage>();
  for (const [index, { preprocessing }] of candidates.entries()) {
    const { resizeShorterSide, resize, colours, decoding } = preprocessing;
    const pixels = JSON.stringify([resizeShorterSide, resize, colours, decoding]);
    const loaded = decoded.get(pixels) ?? (await loadImage(path, preprocessing));
    decoded.set(pixels, loaded);
    toTensor(loaded.image, preprocessing, joined, index * length);
  }
  return joined;
}
