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

type ImageRow = readonly [path: string, label: number | null, image: number | null];
type AnswerRow = readonly [image: number, probabilities: Buffer, bits: number, ...classes: (number | null)[]];

/**
 * What one plan of a run answered, as much of it as a comparison needs, in the order of the paths. Three plain reads that are put
 * together here take a third of the time of one that joins: two runs of 50,000 images are compared while somebody waits.
 */
export function comparedAnswers(store: RunDatabase, runId: string, series: ComparedSeries): ComparedAnswer[] {
  const { layers, leftOut } = runModel(store, runId);
  return store.read(() => {
    const images = store.db
      .prepare<[string], ImageRow>('SELECT path, label, image_id FROM run_images WHERE run_id = ? ORDER BY path')
      .raw()
      .all(runId);
    const plain = new Map(
      store.db
        .prepare<[number], readonly [number, number | null]>('SELECT image_id, class1 FROM results WHERE series_id = ?')
        .raw()
        .all(series.plainSeries),
    );
    const answers = new Map(
      store.db
        .prepare<[number], AnswerRow>(
          `SELECT image_id, probabilities, mac_weighted_bits, class1, class2, class3, class4, class5 FROM results
           WHERE series_id = ?`,
        )
        .raw()
        .all(series.planSeries)
        .map((row) => [row[0], row] as const),
    );
    return images.flatMap(([path, label, image], index): ComparedAnswer[] => {
      if (image === null) return [];
      const row = answers.get(image);
      const plainClass = plain.get(image);
      if (!row || plainClass === undefined) return [];
      const [, probabilities, macWeightedBits, ...top] = row;
      const classes = top.filter((one) => one !== null);
      const probability = (rank: number) => (rank < classes.length ? probabilities.readFloatLE(4 * rank) : 0);
      return [
        {
          path,
          image,
          index,
          label,
          plainClass,
          classes,
          probability: probability(0),
          margin: probability(0) - probability(1),
          macWeightedBits: bitsOfNetwork(macWeightedBits, layers, leftOut ?? []),
        },
      ];
    });
  });
}

/** Digests of images by their number in the store, hexadecimal. */
export function imageDigests(store: RunDatabase, images: readonly number[]): string[] {
  return store.read(() => {
    const digest = store.db.prepare<[number], string>('SELECT lower(hex(sha256)) FROM images WHERE id = ?').pluck();
    return images.map((image) => digest.get(image) ?? '');
  });
}

/** Counts of single images under one plan, in the order asked for. */
export class ComparedCountsReader {
  readonly #layers: readonly LayerGeometry[];
  readonly #counts: (image: number) => Buffer | undefined;

  constructor(store: RunDatabase, { planSeries }: ComparedSeries, layers: readonly LayerGeometry[]) {
    const select = store.db
      .prepare<[number, number], Buffer>(
        `SELECT counts FROM results JOIN layer_counts ON result_id = results.id WHERE image_id = ? AND series_id = ?`,
      )
      .pluck();
    this.#layers = layers;
    this.#counts = (image) => store.read(() => select.get(image, planSeries));
  }

  mean(images: readonly number[]): LayerCounts[] {
    const mean = new LayerCountsMean(this.#layers);
    for (const image of images) {
      const counts = this.#counts(image);
      if (counts) mean.add(counts);
    }
    return mean.mean();
  }

  of(images: readonly number[]): LayerCounts[][] {
    return images.flatMap((image) => {
      const counts = this.#counts(image);
      return counts ? [decodeLayerCounts(counts, this.#layers)] : [];
    });
  }
}
