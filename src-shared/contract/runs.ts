import { z } from 'zod';
import type { ErrorRecord } from '../errors.ts';
import { errorRecordSchema } from './error-record.ts';
import { planOptionsSchema } from '../precision/plan-options.ts';
import { type FailedImage, RUN_STATUSES, type RunRecord, type RunReport } from '../runs/run-record.ts';
import { type WorkFigures, workFiguresSchema } from '../work.ts';
import { fileReferenceSchema } from './files.ts';
import { id, nothing, procedure } from './procedure.ts';

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

export const RUNS = {
  /** Newest first. */
  'runs.list': procedure<readonly RunRecord[]>()(nothing),
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
