import { bitsOfNetwork } from '../../src-shared/left-out.ts';
import type { LayerCounts, LayerGeometry } from '../../src-shared/measurement.ts';
import type { ComparedAnswer } from '../../src-shared/runs/run-comparison.ts';
import { decodeLayerCounts, LayerCountsMean } from './layer-counts-blob.ts';
import type { RunDatabase } from './run-database.ts';
import { unknownRun } from './run-identity.ts';
import { runModel } from './run-query.ts';

/** The series of one plan of a run, and of the plain network beside it. */
export interface ComparedSeries {
  readonly planSeries: number;
  readonly plainSeries: number;
}

/**
 * @param plan index of the plan
 * @throws FoveaError `run-unknown`
 */
export function comparedSeries(store: RunDatabase, runId: string, plan: number): ComparedSeries {
  const series = store.read(() =>
    store.db
      .prepare<[string, number], ComparedSeries>(
        `SELECT baseline_id AS plainSeries, series_id AS planSeries FROM run_plans JOIN runs ON runs.id = run_id
         WHERE run_id = ? AND position = ?`,
      )
      .get(runId, plan),
  );
  if (!series) throw unknownRun(`${runId}, plan ${plan + 1}`);
  return series;
}

type AnswerRow = readonly [
  path: string,
  label: number | null,
  image: number | null,
  plainClass: number | null,
  hasPlain: 0 | 1,
  macWeightedBits: number | null,
  probabilities: string,
  ...classes: (number | null)[],
];

const FIRST_CLASS = 7;
/** Bytes of the two probabilities that a row brings, as hexadecimal text: a text costs a quarter of what a buffer does. */
const TWO_PROBABILITIES = 8;

/**
 * What one plan of a run answered, as much of it as a comparison needs, in the order of the paths. Two runs of 50,000 images are
 * compared while somebody waits, so nothing is read that is not shown.
 */
export function comparedAnswers(
  store: RunDatabase,
  runId: string,
  { plainSeries, planSeries }: ComparedSeries,
): ComparedAnswer[] {
  const { layers, leftOut } = runModel(store, runId);
  const rows = store.read(() =>
    store.db
      .prepare<[number, number, string], AnswerRow>(
        `SELECT path, label, i.image_id, b.class1, b.id IS NOT NULL, r.mac_weighted_bits,
           substr(ifnull(hex(r.probabilities), '') || '0000000000000000', 1, 16),
           r.class1, r.class2, r.class3, r.class4, r.class5
         FROM run_images AS i
         LEFT JOIN results AS b ON b.image_id = i.image_id AND b.series_id = ?
         LEFT JOIN results AS r ON r.image_id = i.image_id AND r.series_id = ?
         WHERE run_id = ? ORDER BY path`,
      )
      .raw()
      .all(plainSeries, planSeries, runId),
  );
  const probabilities = Buffer.from(rows.map((row) => row[6]).join(''), 'hex');
  const answers: ComparedAnswer[] = [];
  for (let index = 0; index < rows.length; index++) {
    const row = rows[index]!;
    const [path, label, image, plainClass, hasPlain, macWeightedBits] = row;
    if (image === null || macWeightedBits === null || hasPlain === 0) continue;
    const classes = classesOf(row);
    const first = classes.length > 0 ? probabilities.readFloatLE(index * TWO_PROBABILITIES) : 0;
    const second = classes.length > 1 ? probabilities.readFloatLE(index * TWO_PROBABILITIES + 4) : 0;
    answers.push({
      path,
      image,
      index,
      label,
      plainClass,
      classes,
      probability: first,
      margin: first - second,
      macWeightedBits: bitsOfNetwork(macWeightedBits, layers, leftOut ?? []),
    });
  }
  return answers;
}

/** Numbers in the store of the images that {@link comparedAnswers} tells of, in the order of the paths. */
export function comparedImages(
  store: RunDatabase,
  runId: string,
  { plainSeries, planSeries }: ComparedSeries,
): number[] {
  return store.read(() =>
    store.db
      .prepare<[number, number, string], number>(
        `SELECT i.image_id FROM run_images AS i
         CROSS JOIN results AS b ON b.image_id = i.image_id AND b.series_id = ?
         CROSS JOIN results AS r ON r.image_id = i.image_id AND r.series_id = ?
         WHERE run_id = ? AND r.mac_weighted_bits IS NOT NULL ORDER BY path`,
      )
      .pluck()
      .all(plainSeries, planSeries, runId),
  );
}

function classesOf(row: AnswerRow): number[] {
  const classes: number[] = [];
  for (let at = FIRST_CLASS; at < row.length; at++) {
    const one = row[at];
    if (typeof one === 'number') classes.push(one);
  }
  return classes;
}

/** Digests of images by their number in the store, hexadecimal. */
export function imageDigests(store: RunDatabase, images: readonly number[]): string[] {
  return store.read(() => {
    const digest = store.db.prepare<[number], string>('SELECT lower(hex(sha256)) FROM images WHERE id = ?').pluck();
    return images.map((image) => digest.get(image) ?? '');
  });
}

/** Images whose counts are read at a time: memory stays flat. */
const PAGE = 2000;

/** Counts of images under one plan, by their number in the store, in the order asked for; one that has none is left out. */
function* countsOf(store: RunDatabase, { planSeries }: ComparedSeries, images: readonly number[]): Generator<Buffer> {
  const page = store.db
    .prepare<[string, number], Buffer>(
      `SELECT counts FROM json_each(?) AS wanted
       CROSS JOIN results AS r ON r.image_id = wanted.value AND r.series_id = ?
       CROSS JOIN layer_counts ON result_id = r.id`,
    )
    .pluck();
  for (let start = 0; start < images.length; start += PAGE) {
    const wanted = JSON.stringify(images.slice(start, start + PAGE));
    yield* store.read(() => page.all(wanted, planSeries));
  }
}

/** The mean counts of images under one plan. */
export function meanCounts(
  store: RunDatabase,
  series: ComparedSeries,
  layers: readonly LayerGeometry[],
  images: readonly number[],
): LayerCounts[] {
  const mean = new LayerCountsMean(layers);
  for (const counts of countsOf(store, series, images)) store.read(() => mean.add(counts));
  return mean.mean();
}

/** The counts of single images under one plan. */
export function singleCounts(
  store: RunDatabase,
  series: ComparedSeries,
  layers: readonly LayerGeometry[],
  images: readonly number[],
): LayerCounts[][] {
  const stored = [...countsOf(store, series, images)];
  return store.read(() => stored.map((counts) => decodeLayerCounts(counts, layers)));
}
