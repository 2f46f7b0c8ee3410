import type { Device } from './device.ts';
import type { EnergyEstimate, NotPriced } from './energy/energy.ts';
import type { ClassScore, LayerCounts, LeftOutLayer } from './measurement.ts';
import { bitsOfLayer, type PrecisionPlan } from './precision/precision-plan.ts';

/** A file that took part in a result; the digest identifies its content. */
export interface ImageIdentity {
  readonly path: string;
  readonly sha256: string;
  /** Pixels of the decoded file, upright, before resize and crop. */
  readonly width: number;
  readonly height: number;
  /** What was done to its colours, or is odd about them; sentences. */
  readonly remarks: readonly string[];
}

export interface ModelIdentity {
  /** Id of an installed model, or the path of a file. */
  readonly id: string;
  readonly sha256: string;
}

/**
 * The importance of each cell and the level it was given, row by row. Where layers find their own levels no cell of the image has one:
 * its importance is then the mean level that the layers gave its place, each by its MACs, and its level what their share makes of that.
 */
export interface ImportanceResult {
  readonly metric: string;
  /** Rows, columns. */
  readonly grid: readonly [number, number];
  /** 0..1 */
  readonly values: readonly number[];
  /** 0, the least important, up to levels - 1 */
  readonly levels: readonly number[];
  /** The file that the importance was read from, with metric `given`. */
  readonly map?: { readonly path: string; readonly sha256: string };
  /** By layer that found its own: the level of each position of its input, row by row, a digit each. */
  readonly levelMaps?: Readonly<Record<string, string>>;
}

/** Milliseconds of one analysis; `totalMs` runs from the request to the result, opening a model not included. */
export interface AnalysisTimings {
  readonly decodeMs: number;
  readonly importanceMs: number;
  readonly inferenceMs: number;
  readonly totalMs: number;
}

/** One image under one plan, against the plain network: what `fovea analyze --json` prints. */
export interface Analysis {
  readonly version: string;
  readonly image: ImageIdentity;
  readonly model: ModelIdentity;
  /** What both networks ran on. */
  readonly device: Device;
  /** With the bits of every layer named. */
  readonly plan: PrecisionPlan;
  readonly baseline: { readonly top: readonly ClassScore[] };
  readonly quantised: { readonly top: readonly ClassScore[] };
  readonly top1Kept: boolean;
  /** The plain network's first class is among the quantised network's first five. */
  readonly top5Kept: boolean;
  readonly importance: ImportanceResult;
  readonly layers: readonly LayerCounts[];
  /** What multiplies and is neither quantised nor priced. */
  readonly leftOut: readonly LeftOutLayer[];
  readonly energy: readonly EnergyEstimate[];
  /** Accelerators and modes that could not be priced, and why. */
  readonly notPriced: readonly NotPriced[];
  /** Measured before, by a run or another analysis, and looked up; the timings are those of the look-up. */
  readonly fromEarlierRun: boolean;
  readonly timings: AnalysisTimings;
}

/** The plan without the bits of layers that follow it: an analysis names those of every layer. */
export function statedPlan({ plan, layers }: Pick<Analysis, 'plan' | 'layers'>): PrecisionPlan {
  const followed = (name: string) =>
    bitsOfLayer({ ...plan, layerBits: {} }, name, layers[0]?.name === name).join() === plan.layerBits[name]?.join();
  return { ...plan, layerBits: Object.fromEntries(Object.entries(plan.layerBits).filter(([name]) => !followed(name))) };
}
