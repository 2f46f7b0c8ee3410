import {
  BITS_STEP,
  emptyColumns,
  MARGIN_STEP,
  NO_CLASS,
  packedColumns,
  steps,
  unpackedColumns,
  type PlanColumns,
} from '../../src-shared/outcomes/outcome-columns.ts';
import type { RunDatabase } from '../store/run-database.ts';

type ImageRow = readonly [path: string, label: number | null, image: number | null];

/** The outcomes that a run was completed with, packed; null where there are none that can be read. */
export function keptColumns(store: RunDatabase, runId: string): Uint8Array | null {
  const kept = store.read(() =>
    store.db.prepare<[string], Buffer>('SELECT columns FROM run_columns WHERE run_id = ?').pluck().get(runId),
  );
  // A `Buffer` travels otherwise than plain bytes.
  return kept && unpackedColumns(kept) ? new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength) : null;
}

/** Keeps the outcomes of a run that has all its results as one piece. For use within a transaction. */
export function keepColumns({ db }: RunDatabase, runId: string, packed: Uint8Array): void {
  db.prepare('INSERT OR REPLACE INTO run_columns (run_id, columns) VALUES (?, ?)').run(runId, packed);
}

/** The outcomes of a run so far, packed. */
export function readColumns(store: RunDatabase, runId: string): Uint8Array {
  return store.read(() => {
    const { db } = store;
    const images = db
      .prepare<[string], ImageRow>('SELECT path, label, image_id FROM run_images WHERE run_id = ? ORDER BY path')
      .raw()
      .all(runId);
    const series = db
      .prepare<[string], number>('SELECT series_id FROM run_plans WHERE run_id = ? ORDER BY position')
      .pluck()
      .all(runId);
    const baseline = db.prepare<[string], number>('SELECT baseline_id FROM runs WHERE id = ?').pluck().get(runId);
    const columns = emptyColumns(images.length, series.length);
    // The same file may lie in a folder twice.
    const places = new Map<number, number | number[]>();
    const placeOf = new Map<string, number>();
    images.forEach(([path, label, image], place) => {
      placeOf.set(path, place);
      if (label !== null) columns.label[place] = label;
      if (image === null) return;
      const known = places.get(image);
      places.set(image, known === undefined ? place : [known, place].flat());
    });
    const fill = seriesReader(store, places);
    if (baseline !== undefined) fill(baseline, { answer: columns.plain });
    series.forEach((seriesId, index) => fill(seriesId, columns.plans[index]!));
    for (const path of db
      .prepare<[string], string>('SELECT path FROM run_failures WHERE run_id = ?')
      .pluck()
      .iterate(runId))
      columns.failed[placeOf.get(path)!] = 1;
    return packedColumns(columns);
  });
}

interface SeriesRow {
  readonly images: string | null;
  readonly classes: string;
  readonly probabilities: string;
  readonly bits: string;
}

/**
 * Reads whole series: SQLite strings their values together, which takes a third of the time of a row after another. Results of
 * images that the run does not have are passed over.
 */
function seriesReader({ db }: RunDatabase, places: ReadonlyMap<number, number | readonly number[]>) {
  const select = db.prepare<[number], SeriesRow>(
    `SELECT group_concat(image_id) AS images, group_concat(ifnull(class1, ${NO_CLASS})) AS classes,
       group_concat(CASE WHEN length(probabilities) >= 8 THEN hex(substr(probabilities, 1, 8))
         WHEN length(probabilities) = 4 THEN hex(probabilities) || '00000000' ELSE '0000000000000000' END, '') AS probabilities,
       group_concat(ifnull(mac_weighted_bits, 0)) AS bits
     FROM results WHERE series_id = ?`,
  );
  return (seriesId: number, { answer, margin, bits }: Pick<PlanColumns, 'answer'> & Partial<PlanColumns>): void => {
    const row = select.get(seriesId);
    if (!row || row.images === null) return;
    const classes = row.classes.split(',');
    const widths = row.bits.split(',');
    const probabilities = Buffer.from(row.probabilities, 'hex');
    row.images.split(',').forEach((image, index) => {
      const place = places.get(Number(image));
      if (place === undefined) return;
      // Probabilities lie in single precision, the most probable first.
      const difference = probabilities.readFloatLE(8 * index) - probabilities.readFloatLE(8 * index + 4);
      for (const one of typeof place === 'number' ? [place] : place) {
        answer[one] = Number(classes[index]);
        if (margin) margin[one] = steps(difference, MARGIN_STEP);
        if (bits) bits[one] = steps(Number(widths[index]), BITS_STEP);
      }
    });
  };
}
