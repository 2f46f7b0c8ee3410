import { z } from 'zod';
import type { ErrorRecord } from '../errors.ts';
import { errorRecordSchema } from './error-record.ts';
import { planOptionsSchema } from '../precision/plan-options.ts';
import type { LayerCounts } from '../measurement.ts';
import type { ComparedEnergy } from '../runs/compared-energy.ts';
import type { ComparisonColumns } from '../runs/comparison-columns.ts';
import { type ComparedSide, MAX_COMPARED, type RunComparison } from '../runs/run-comparison.ts';
import { type FailedImage, RUN_STATUSES, type RunRecord, type RunReport } from '../runs/run-record.ts';
import { type WorkFigures, workFiguresSchema } from '../work.ts';
import { fileReferenceSchema } from './files.ts';
import type { EncodedImage, ImageEntry } from './images.ts';
import { id, nothing, path, procedure } from './procedure.ts';

/** A run that the machine works on, or has worked on since it started: it goes on whatever becomes of the page that began it. */
export interface RunJob {
  readonly runId: string;
  readonly name: string;
  readonly status: RunRecord['status'];
  readonly figures: WorkFigures;
  /** What ended it; null while it goes, and where nothing went wrong. */
  readonly error: ErrorRecord | null;
}

const runJobSchema: z.ZodType<RunJob> = z.object({
  runId: z.string(),
  name: z.string(),
  status: z.enum(RUN_STATUSES),
  figures: workFiguresSchema,
  error: errorRecordSchema.nullable(),
});

/** Files of pages that runs refer to, kept by their digest. */
export interface KeptImages {
  readonly images: number;
  readonly bytes: number;
  /** Runs that refer to them. */
  readonly runs: readonly { readonly runId: string; readonly name: string; readonly images: number }[];
}

/** A run as a list shows it. */
export interface ListedRun extends RunRecord {
  readonly starred: boolean;
  readonly archived: boolean;
  /** Of the first plan, in a few words. */
  readonly planText: string;
  /** Of the first plan, once the run is complete: accuracy at Top-1, else agreement with the plain network; 0..1. */
  readonly top1: number | null;
  readonly top1Agreement: number | null;
  readonly macWeightedBits: number | null;
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
  readonly comparison: RunComparison;
  readonly energy: readonly ComparedEnergy[];
  /** Counts of each side, averaged over the judged images; empty without any. */
  readonly layers: readonly (readonly LayerCounts[])[];
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

export const RUNS = {
  /** Newest first. */
  'runs.list': procedure<readonly ListedRun[]>()(nothing),
  /** Which runs can be put beside a baseline, and why others cannot. */
  'runs.comparable': procedure<readonly Comparability[]>()(z.strictObject({ runId: id })),
  /** The first is the baseline; a plan is an index into its run's. */
  'runs.compare': procedure<RunsComparison>()(
    z.strictObject({
      sides: z
        .array(z.strictObject({ runId: id, plan: z.int().min(0).max(4095) }))
        .min(2)
        .max(MAX_COMPARED),
      seed: z.int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
    }),
  ),
  /** Where an image of a run is now. */
  'runs.image': procedure<RunImage>()(z.strictObject({ runId: id, path })),
  'runs.update': procedure<null>()(
    z.strictObject({
      runId: id,
      name: z.string().trim().min(1).max(200).optional(),
      note: z.string().max(10_000).optional(),
      starred: z.boolean().optional(),
      archived: z.boolean().optional(),
    }),
  ),
  /** Takes runs out of sight. They can be brought back until the machine removes them for good, ten minutes later or more. */
  'runs.delete': procedure<null>()(z.strictObject({ runIds: z.array(id).min(1).max(10_000) })),
  'runs.restore': procedure<null>()(z.strictObject({ runIds: z.array(id).min(1).max(10_000) })),
  /** Runs that the machine works on, and those it ended since it started. */
  'runs.jobs': procedure<readonly RunJob[]>()(nothing),
  /** Begins a run and answers at once; how it goes is told by `run.changed`. */
  'runs.start': procedure<RunJob>()(
    z.strictObject({
      name: z.string().trim().min(1).max(200),
      images: z.union([
        z.strictObject({ imageIds: z.array(id).min(1).max(20_000) }),
        z.strictObject({
          folder: fileReferenceSchema,
          /** A label file, `none` or `folders`; null: what is found. */
          labels: z.string().max(4096).nullable(),
        }),
      ]),
      modelId: id,
      plans: z.array(planOptionsSchema).min(1).max(4096),
      /** Also count zeros, one-bits, clipping and noise. */
      counts: z.boolean().default(false),
      /** How images are kept that the page sent: as they are, or only a preview of them to look at. */
      keep: z.enum(['originals', 'previews']).default('originals'),
    }),
  ),
  /** Goes on with a run that was cancelled, failed or interrupted. */
  'runs.resume': procedure<RunJob>()(z.strictObject({ runId: id })),
  /** Stops a run; what is done stays, and it can be resumed. */
  'runs.stop': procedure<null>()(z.strictObject({ runId: id })),
  /** What a run has found out, also while it goes. */
  'runs.report': procedure<{
    readonly run: RunRecord;
    readonly report: RunReport;
    readonly failed: readonly FailedImage[];
  }>()(z.strictObject({ runId: id })),

  'kept.list': procedure<KeptImages>()(nothing),
  /** Removes the kept images of a run that no other run refers to; its results stay. */
  'kept.remove': procedure<KeptImages>()(z.strictObject({ runId: id })),
} as const;

export const RUN_EVENTS = {
  'run.changed': runJobSchema,
} as const;
