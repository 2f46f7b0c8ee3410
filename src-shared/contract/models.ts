import { z } from 'zod';
import type { ErrorRecord } from '../errors.ts';
import type { LayerGeometry, LeftOutLayer } from '../measurement.ts';
import { cardInputSchema, type ModelSignature, OUTPUT_KINDS, type OutputKind } from '../model-card.ts';
import { type LayerHistogram, layerHistogramSchema } from '../precision/activation-histogram.ts';
import { planOptionsSchema } from '../precision/plan-options.ts';
import type { Preprocessing, PreprocessingPreset } from '../preprocessing.ts';
import type { Interval } from '../runs/statistics.ts';
import { fileReferenceSchema } from './files.ts';
import type { EncodedImage } from './images.ts';
import type { ModelSummary } from './model-summary.ts';
import { id, nothing, procedure } from './procedure.ts';

export type { ModelSummary };

export interface ModelDetails extends ModelSummary {
  readonly layers: readonly LayerGeometry[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
  /** What is assumed of the model, or found in it; sentences. */
  readonly remarks: readonly string[];
  /** Class names by index; empty when the card has none. */
  readonly labels: readonly string[];
}

/** A model of the list: what its file and card tell, or why they cannot be used. */
export interface InstalledEntry {
  readonly id: string;
  readonly name: string;
  /** Of the file and its external data. */
  readonly bytes: number;
  readonly classes: number | null;
  readonly inputSize: readonly [number, number] | null;
  readonly calibrated: boolean;
  readonly embedded: boolean;
  /** No card lies beside it. */
  readonly assumed: boolean;
  readonly failure: ErrorRecord | null;
}

/** A node of the network, in the order in which it runs. */
export type GraphStep =
  | {
      readonly kind: 'layer';
      /** Of the layer. */
      readonly name: string;
      /** Whether the values that enter are never negative. */
      readonly unsigned: boolean;
      /** `Conv 3 x 3, stride 2`, `Gemm`. */
      readonly operator: string;
    }
  | { readonly kind: 'left-out'; readonly name: string }
  | { readonly kind: 'passed'; readonly op: string };

/** What calibration found, in short. */
export interface CalibrationSummary {
  readonly percentile: number;
  readonly images: number;
  /** Largest magnitude that is not clipped, by layer. */
  readonly ranges: Readonly<Record<string, number>>;
}

/** All that is known of a model, and where it is known from. */
export interface LoadReport {
  readonly path: string;
  readonly bytes: number;
  readonly opset: number;
  readonly signature: ModelSignature;
  /** Whether a card lies beside the model. */
  readonly hasCard: boolean;
  /** Without a card, the preset that stands in. */
  readonly preset: PreprocessingPreset | null;
  /** With the input's name, and whatever else a card says of it. */
  readonly input: z.infer<typeof cardInputSchema>;
  readonly outputKind: OutputKind;
  /** As the card has it: a file's name, or `100 names in the card`; null without. */
  readonly labelSource: string | null;
  readonly licence: string | null;
  readonly accuracy: { readonly dataset: string; readonly images: number; readonly top1: number } | null;
  readonly steps: readonly GraphStep[];
  /** By layer: whether it reads the image itself, and which quantised tensor it reads. */
  readonly readsImage: readonly boolean[];
  readonly tensorOfLayer: readonly number[];
  readonly calibration: CalibrationSummary | null;
  /** By layer; null where they were not kept. */
  readonly histograms: Readonly<Record<string, LayerHistogram>> | null;
}

/** An image as the network sees it, and what it then answers. */
export interface PreprocessedImage {
  /** The input's values as a picture, black the lowest and white the highest, channels in the network's order. */
  readonly picture: EncodedImage;
  readonly low: number;
  readonly high: number;
  /** At most five; null where the scores are not finite. */
  readonly top: readonly { readonly class: number; readonly probability: number }[] | null;
}

/** One way to prepare images, on labelled photos. */
export interface CheckedPreset {
  readonly preset: PreprocessingPreset | 'card';
  readonly preprocessing: Preprocessing;
  /** Shares, 0..1. */
  readonly top1: number;
  readonly top5: number;
  readonly interval: Interval;
}

export interface PresetCheck {
  readonly scores: readonly CheckedPreset[];
  /** Photos that could be read, and those that could not. */
  readonly images: number;
  readonly failed: number;
  /** Index of the best. */
  readonly best: number;
  /** The best of those that prepare images otherwise than the best: its Top-1 less the best's, and the probability of that by chance. */
  readonly next: { readonly index: number; readonly difference: number; readonly pValue: number } | null;
  readonly isChance: boolean;
  /** Name of the folder. */
  readonly dataset: string;
}

export interface CalibrationOutcome {
  readonly images: number;
  readonly found: number;
  readonly failed: readonly { readonly path: string; readonly reason: string }[];
}

/** A model of the catalogue. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly opset: number;
  readonly bytes: number;
  readonly licence: string;
  /** As the zoo states it, 0..1. */
  readonly top1: number | null;
  readonly installed: boolean;
  /** Bytes that an earlier download left, to be gone on with. */
  readonly present: number;
}

/** Files that wait to be fetched piece by piece. */
export interface ExportedModel {
  readonly exportId: string;
  readonly files: readonly { readonly name: string; readonly bytes: number }[];
}

const modelId = { modelId: id };

export const MODELS = {
  'models.list': procedure<readonly ModelSummary[]>()(nothing),
  'models.open': procedure<ModelDetails>()(z.strictObject(modelId)),
  /** All, those that cannot be used included. */
  'models.installed': procedure<readonly InstalledEntry[]>()(nothing),
  'models.report': procedure<LoadReport>()(z.strictObject(modelId)),
  /** What the network sees of an image, and answers, if images were prepared so. */
  'models.preview': procedure<PreprocessedImage>()(
    z.strictObject({ ...modelId, imageId: id, input: cardInputSchema, outputKind: z.enum(OUTPUT_KINDS) }),
  ),
  /** Writes the card. Ranges that were found with another preprocessing are given up. */
  'models.saveCard': procedure<null>()(
    z.strictObject({
      ...modelId,
      input: cardInputSchema,
      outputKind: z.enum(OUTPUT_KINDS),
      licence: z.string().trim().max(1000).nullable(),
      /** Measured with this preprocessing. Left out: as it is, unless images are prepared otherwise now. */
      accuracy: z
        .strictObject({
          dataset: z.string().max(4096),
          images: z.int().min(1),
          top1: z.number().min(0).max(1),
          top5: z.number().min(0).max(1),
        })
        .exactOptional(),
    }),
  ),
  /** Copies a list of class names beside the model, and names it in its card. */
  'models.saveLabels': procedure<null>()(z.strictObject({ ...modelId, file: fileReferenceSchema })),
  'models.checkPresets': procedure<PresetCheck>()(
    z.strictObject({ ...modelId, folder: fileReferenceSchema, labels: z.string().max(4096).nullable() }),
  ),
  /** How it goes is told by `model.histograms`, too. */
  'models.calibrate': procedure<CalibrationOutcome>()(
    z.strictObject({ ...modelId, folder: fileReferenceSchema, percentile: z.number().gt(0).max(100) }),
  ),
  /** Another percentile of the activations that were counted when the model was calibrated. */
  'models.choosePercentile': procedure<null>()(z.strictObject({ ...modelId, percentile: z.number().gt(0).max(100) })),
  /** Makes the rewritten model, and what says how to feed it. */
  'models.export': procedure<ExportedModel>()(z.strictObject({ ...modelId, plan: planOptionsSchema })),
  'models.exportPart': procedure<Uint8Array>()(
    z.strictObject({ exportId: id, file: z.int().min(0).max(1), offset: z.int().min(0).max(Number.MAX_SAFE_INTEGER) }),
  ),
  /** Nobody waits for the files any more. */
  'models.exportDone': procedure<null>()(z.strictObject({ exportId: id })),
  /** Takes a model out of sight; `models.restore` brings it back until it is removed for good, ten minutes later or more. */
  'models.remove': procedure<{
    /** Stored runs that were measured with it. */
    readonly runs: number;
  }>()(z.strictObject(modelId)),
  'models.restore': procedure<null>()(z.strictObject(modelId)),

  'catalogue.list': procedure<{ readonly models: readonly CatalogueEntry[]; readonly source: string }>()(nothing),
  /** Goes on where an earlier download stopped. */
  'catalogue.download': procedure<ModelSummary>()(z.strictObject({ name: id })),
  /** Gives up what an earlier download left. */
  'catalogue.discard': procedure<null>()(z.strictObject({ name: id })),
} as const;

export const MODEL_EVENTS = {
  /** A model's card or calibration has changed, beside the page or through it: what was known of it is to be asked again. */
  'model.changed': z.object({ modelId: z.string() }),
  /** What a calibration that goes on has counted so far, by layer. */
  'model.histograms': z.object({
    modelId: z.string(),
    images: z.int(),
    histograms: z.record(z.string(), layerHistogramSchema),
  }),
} as const;
