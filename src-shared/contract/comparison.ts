import { z } from 'zod';
import type { ErrorRecord } from '../errors.ts';
import type { LayerCounts, LeftOutLayer } from '../measurement.ts';
import type { ComparedBits } from '../runs/compared-bits.ts';
import type { ComparedEnergy } from '../runs/compared-energy.ts';
import type { ComparisonColumns } from '../runs/comparison-columns.ts';
import { type ComparedSide, MAX_COMPARED, type RunComparison } from '../runs/run-comparison.ts';
import type { RunRecord } from '../runs/run-record.ts';
import type { EncodedImage, ImageEntry } from './images.ts';
import { id, nothing, procedure } from './procedure.ts';

/** A run as a list shows it. */
export interface ListedRun extends RunRecord {
  readonly starred: boolean;
  readonly archived: boolean;
  /** Of the first plan, in a few words. */
  readonly planText: string;
  /** Of the first plan, once the run is complete: accuracy at Top-1, else agreement with the plain network; 0..1. */
  readonly top1: number | null;
  readonly top1Agreement: number | null;
  /** In lock-step. */
  readonly macWeightedLockstepBits: number | null;
}

/** Whether a run can be put beside the baseline. */
export interface Comparability {
  readonly runId: string;
  /** Images that both have, so far. */
  readonly images: number;
  /** Why not; null where it can. */
  readonly reason: string | null;
}

export interface RunsComparison {
  readonly sides: readonly ComparedSide[];
  /** Of each side: what the plans of its run are called, in their order. */
  readonly planNames: readonly (readonly string[])[];
  readonly comparison: RunComparison;
  /** In every mode that was counted. */
  readonly bits: readonly ComparedBits[];
  readonly energy: readonly ComparedEnergy[];
  /** Counts of each side, averaged over the judged images; empty without any. */
  readonly layers: readonly (readonly LayerCounts[])[];
  /** What of the network is no layer; savings are of the whole network where its MACs are known. */
  readonly leftOut: readonly LeftOutLayer[];
  /** Class names by index. */
  readonly labels: readonly string[];
  readonly columns: ComparisonColumns;
}

/** An image of a run as it can be found now. */
export type RunImage =
  | { readonly kind: 'original'; readonly image: ImageEntry }
  /** The original is gone; a small picture of it was kept. */
  | { readonly kind: 'preview'; readonly preview: EncodedImage }
  | { readonly kind: 'missing'; readonly error: ErrorRecord };

export const COMPARISON = {
  /** All runs with what a list shows of them, newest first. */
  'runs.listed': procedure<readonly ListedRun[]>()(nothing),
  /** Which runs can be put beside a baseline, and why others cannot. */
  'runs.comparable': procedure<readonly Comparability[]>()(z.strictObject({ runId: id })),
  /** The first is the baseline; a plan is an index into its run's. */
  'runs.compare': procedure<RunsComparison>()(
    z.strictObject({
      sides: z
        .array(z.strictObject({ runId: id, plan: z.int().min(0).max(4095) }))
        .min(2)
        .max(MAX_COMPARED),
    }),
  ),
  /** Where an image of a run is now; counted in the order of the bytes of their paths. */
  'runs.image': procedure<RunImage>()(z.strictObject({ runId: id, image: z.int().min(0).max(0xffff_ffff) })),
  'runs.update': procedure<null>()(
    z.strictObject({
      runId: id,
      name: z.string().trim().min(1).max(200).optional(),
      note: z.string().max(10_000).optional(),
      starred: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
  ),
  'runs.restore': procedure<null>()(z.strictObject({ runId: id })),
} as const;
