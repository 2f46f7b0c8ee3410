import { z } from 'zod';
import { DEVICES } from '../device.ts';
import type { ErrorRecord } from '../errors.ts';
import { errorRecordSchema } from './error-record.ts';
import type { Grid, Rectangle } from '../image.ts';
import type { PlanOptions } from '../precision/plan-option-table.ts';
import { planOptionsSchema } from '../precision/plan-options.ts';
import {
  type FailedImage,
  type LabelSource,
  RUN_STATUSES,
  type RunRecord,
  type RunReport,
} from '../runs/run-record.ts';
import { type WorkFigures, workFiguresSchema } from '../work.ts';
import { fileReferenceSchema } from './files.ts';
import type { ExportedFile } from './analysis.ts';
import type { EncodedImage, ImageEntry } from './images.ts';
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

/** Files of pages that runs refer to, kept for each run by their digest. */
export interface KeptImages {
  readonly images: number;
  readonly bytes: number;
  /** Runs that they are kept for; those of another store have their id as name. */
  readonly runs: readonly {
    readonly runId: string;
    readonly name: string;
    readonly images: number;
    /** Importance maps that were painted or sent. */
    readonly maps: number;
    readonly bytes: number;
  }[];
}

/** What a folder holds for a model, and what evaluating it takes. */
export interface FolderCheck {
  /** Absolute. */
  readonly folder: string;
  readonly images: number;
  readonly labelled: number;
  readonly labels: LabelSource;
  /** Images that the labels leave out. */
  readonly unlabelledImages: number;
  /** Files that are no images. */
  readonly skippedFiles: number;
  /** Importance maps, where they were asked for: how many images have one, and the first that has none, with why. */
  readonly maps: {
    readonly found: number;
    readonly lacking: { readonly path: string; readonly error: ErrorRecord } | null;
  } | null;
  /** Of one image under one plan, or under none, on one engine. */
  readonly secondsPerAnswer: number;
  /** Whether an earlier run of this model took so long; otherwise it is estimated from its MACs. */
  readonly measured: boolean;
  /** In the store, of one image under one plan. */
  readonly bytesPerAnswer: number;
  /** Engines that are started where nobody says how many. */
  readonly workers: number;
}

/** The levels of a plan over an image, as its network sees it. */
export interface LevelMap extends Grid {
  /** Row by row. */
  readonly levels: Uint8Array;
  /** What the network sees of the upright photo, in shares of its sides. */
  readonly crop: Rectangle;
  /** Width over height of the photo. */
  readonly aspect: number;
}

/** Small pictures that are kept so that looking at a run need not read its photos. */
export interface KeptThumbnails {
  readonly images: number;
  readonly bytes: number;
}

/** An outcome as Analyse shows it: the image, opened, and the plan. */
export interface OpenedOutcome {
  readonly image: ImageEntry;
  readonly modelId: string;
  readonly plan: PlanOptions;
}

export interface MergedRuns {
  /** Ids of the runs that were not here before, that had come further, and that shards were joined into. */
  readonly added: readonly string[];
  readonly updated: readonly string[];
  readonly joined: readonly string[];
  /** Shards that wait for others. */
  readonly waiting: readonly { readonly name: string; readonly count: number; readonly missing: readonly number[] }[];
}

/** Index of an image among those of its run, in the order of the bytes of their paths. */
const imageIndex = z.int().min(0).max(0xffff_ffff);

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
          /** A folder with the maps of metric `given`; default: beside the photos. */
          maps: fileReferenceSchema.exactOptional(),
        }),
      ]),
      modelId: id,
      plans: z.array(planOptionsSchema).min(1).max(4096),
      /** Also count zeros, one-bits, clipping and noise. */
      counts: z.boolean().default(false),
      /** How images are kept that the page sent: as they are, or only a preview of them to look at. */
      keep: z.enum(['originals', 'previews']).default('originals'),
      /** Engine processes; default: as many as cores and memory allow. */
      workers: z.int().min(1).max(256).exactOptional(),
      /** What the networks run on; default: the CPU. */
      device: z.enum(DEVICES).exactOptional(),
    }),
  ),
  /** What a folder holds, before anything is evaluated. */
  'runs.check': procedure<FolderCheck>()(
    z.strictObject({
      folder: fileReferenceSchema,
      labels: z.string().max(4096).nullable(),
      modelId: id,
      /** Also look for importance maps, in a folder, or beside the photos. */
      maps: z.union([fileReferenceSchema, z.literal('beside')]).exactOptional(),
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

  /** Class names by index; empty where the model has none. */
  'runs.classes': procedure<readonly string[]>()(z.strictObject({ runId: id })),
  /** The outcomes of a run so far, image x plan, as `unpackedColumns` reads them. */
  'runs.columns': procedure<Uint8Array>()(z.strictObject({ runId: id })),
  /** Paths of images, relative to the run's folder, in the order asked for. */
  'runs.paths': procedure<readonly string[]>()(z.strictObject({ runId: id, images: z.array(imageIndex).max(10_000) })),
  /** Outcomes as a table, with the columns of `fovea runs export --rows images` and the verdict, in the order asked for. */
  'runs.table': procedure<ExportedFile>()(
    z.strictObject({
      runId: id,
      plan: z.int().min(0).max(4095),
      images: z.array(imageIndex).max(1_000_000),
      format: z.enum(['csv', 'json']),
    }),
  ),
  /** What a tile shows over its photo; where a plan has one level everywhere there is nothing to show. */
  'runs.levels': procedure<LevelMap>()(
    z.strictObject({ runId: id, image: imageIndex, plan: z.int().min(0).max(4095) }),
  ),
  /** A small picture of an image of a run, which need not be open. */
  'runs.thumbnail': procedure<EncodedImage>()(
    z.strictObject({ runId: id, image: imageIndex, maxSide: z.int().min(16).max(512).default(128) }),
  ),
  /** Opens an image of a run, with one of its plans. */
  'runs.open': procedure<OpenedOutcome>()(
    z.strictObject({ runId: id, image: imageIndex, plan: z.int().min(0).max(4095) }),
  ),
  /** Takes a run out of sight; `runs.restore` brings it back until it is removed for good, ten minutes later or more. */
  'runs.delete': procedure<null>()(z.strictObject({ runId: id })),
  /** Takes over the runs of other stores, and joins shards. */
  'runs.merge': procedure<MergedRuns>()(z.strictObject({ files: z.array(fileReferenceSchema).min(1).max(1024) })),

  'kept.list': procedure<KeptImages>()(nothing),
  /** Removes what is kept for a run; its results stay, and so does what other runs keep. */
  'kept.remove': procedure<KeptImages>()(z.strictObject({ runId: id })),

  'thumbnails.figures': procedure<KeptThumbnails>()(nothing),
  /** Keeps small pictures of a run's images, of those that can be read. */
  'thumbnails.keep': procedure<KeptThumbnails>()(z.strictObject({ runId: id })),
  'thumbnails.clear': procedure<KeptThumbnails>()(nothing),
} as const;

export const RUN_EVENTS = {
  'run.changed': runJobSchema,
} as const;
