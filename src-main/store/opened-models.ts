import { statSync } from 'node:fs';
import { z } from 'zod';
import { modelCardSchema, OUTPUT_KINDS } from '../../src-shared/model-card.ts';
import {
  CHANNEL_ORDERS,
  COLOUR_READINGS,
  DECODINGS,
  LAYOUTS,
  PREPROCESSING_PRESETS,
  RESIZE_METHODS,
} from '../../src-shared/preprocessing.ts';
import { canonicalJson, leftOutSchema, RESULTS_VERSION, storedLayersSchema } from '../../src-shared/runs/run-record.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { readCard, readLabels } from '../models/model-card-file.ts';
import type { RunDatabase } from './run-database.ts';
import { PARSED_ONCE } from '../../src-shared/parsed-once.ts';

/** More than anybody works with at a time; each takes some ten kilobytes. */
const MOST_MODELS = 64;

const axes = z.array(z.number().nullable());
const numbers = z.array(z.number());
const openedSchema = z.strictObject({
  path: z.string(),
  sha256: z.string(),
  bytes: z.number(),
  externalFiles: z.array(z.string()),
  signature: z.strictObject({ inputName: z.string(), inputShape: axes, outputName: z.string(), outputShape: axes }),
  card: modelCardSchema.nullable(),
  preprocessing: z.looseObject({
    layout: z.enum(LAYOUTS),
    channels: z.enum(CHANNEL_ORDERS),
    height: z.number(),
    width: z.number(),
    resizeShorterSide: z.number().nullable(),
    crop: z.literal('centre'),
    resize: z.enum(RESIZE_METHODS),
    colours: z.enum(COLOUR_READINGS),
    decoding: z.enum(DECODINGS),
    range: z.tuple([z.number(), z.number()]),
    mean: numbers,
    std: numbers,
  }),
  preset: z.enum(Object.keys(PREPROCESSING_PRESETS) as (keyof typeof PREPROCESSING_PRESETS)[]).nullable(),
  outputKind: z.enum(OUTPUT_KINDS),
  labels: z.array(z.string()),
  classes: z.number(),
  layers: storedLayersSchema,
  leftOut: leftOutSchema,
  remarks: z.array(z.string()),
  readsImage: z.array(z.boolean()),
  tensorOfLayer: numbers,
  withoutActivation: z.string().nullable(),
  opset: z.number(),
}) satisfies z.ZodType<OpenedModel>;

/**
 * What tells a model file as it is now from what it was: time of its last change and size, so that half a gigabyte need not be
 * read again; and what decides how it is understood, Fovea's version. Null where there is no such file.
 * @param version Fovea's
 */
export function modelStamp(path: string, version: string): string | null {
  const stats = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stats ? [stats.mtimeNs, stats.ctimeNs, stats.size, RESULTS_VERSION, version].join(' ') : null;
}

/** A model as it was when it was last opened, or null where its file is no longer what it was. @throws FoveaError `store-…` */
export function openedModel(store: RunDatabase, path: string, version: string): OpenedModel | null {
  const row = store.read(() =>
    store.db
      .prepare<[string], { stamp: string; opened: string }>('SELECT stamp, opened FROM opened_models WHERE path = ?')
      .get(path),
  );
  if (!row || row.stamp !== modelStamp(path, version)) return null;
  return openedSchema.safeParse(parsed(row.opened), PARSED_ONCE).data ?? null;
}

/** Whether a model's card and labels are what they were when it was opened. @throws FoveaError `card-…`, `labels-…` */
export async function hasItsCard({ path, classes, ...opened }: OpenedModel): Promise<boolean> {
  const card = await readCard(path);
  if (canonicalJson(card) !== canonicalJson(opened.card)) return false;
  const labels = card ? await readLabels(path, card, classes) : [];
  return canonicalJson(labels) === canonicalJson(opened.labels);
}

/** Keeps a model as it was opened. @param stamp of its file before it was opened */
export function keepOpenedModel(store: RunDatabase, stamp: string, opened: OpenedModel): void {
  store.write(() => {
    store.db
      .prepare('INSERT OR REPLACE INTO opened_models (path, stamp, opened, used_at) VALUES (?, ?, ?, ?)')
      .run(opened.path, stamp, JSON.stringify(opened), Date.now());
    store.db
      .prepare(
        'DELETE FROM opened_models WHERE path NOT IN (SELECT path FROM opened_models ORDER BY used_at DESC LIMIT ?)',
      )
      .run(MOST_MODELS);
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
