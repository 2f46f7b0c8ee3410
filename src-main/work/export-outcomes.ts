import { FoveaError } from '../../src-shared/errors.ts';
import type { FailedImage } from '../../src-shared/runs/run-record.ts';
import { imageResults, runFailures, runImages, runModel } from '../store/run-query.ts';
import type { RunStore } from '../store/run-store.ts';
import { failedCells, imageCells, type Row, tableText } from './export-run.ts';

export interface OutcomesOrder {
  readonly runId: string;
  /** Index of the plan. */
  readonly plan: number;
  /** Indexes of images, in the order of their paths. */
  readonly images: readonly number[];
  readonly format: 'csv' | 'json';
}

/**
 * Chosen images of a run under one of its plans, in the order given, with the columns of {@link exportRun} and the verdict. Images
 * without a result have a row without figures.
 * @throws FoveaError `run-unknown`, `image-missing`, `store-…`
 */
export function exportOutcomes(store: RunStore, { runId, plan, images, format }: OutcomesOrder): string {
  const paths = runImages(store, runId);
  const { labels } = runModel(store, runId);
  const wanted = images.map((image) => {
    const path = paths[image];
    if (path === undefined) throw new FoveaError('image-missing', `run ${runId} has no image ${image + 1}`);
    return path;
  });
  const rows = new Map<string, Row | null>(wanted.map((path) => [path, null]));
  for (const result of imageResults(store, runId, plan)) {
    if (!rows.has(result.path)) continue;
    const { path, ...cells } = imageCells(result, labels);
    rows.set(result.path, { path: path!, verdict: verdictOf(cells), ...cells, failure: null });
  }
  for (const failure of runFailures(store, runId))
    if (rows.has(failure.path)) rows.set(failure.path, without('failed', failure));
  const pending = (path: string) => without('pending', { path, code: 'cancelled', reason: '' });
  return [
    ...tableText(
      wanted.map((path) => rows.get(path) ?? pending(path)),
      format,
    ),
  ].join('');
}

function without(verdict: string, failed: FailedImage): Row {
  const { path, ...cells } = failedCells(failed);
  return {
    path: path!,
    verdict,
    ...cells,
    failure: verdict === 'failed' ? `${failed.code}: ${failed.reason}` : null,
  };
}

/** As `verdictOf` of `outcomes/selection.ts` has it. */
function verdictOf({ top1_kept: kept, top1_correct: correct, baseline_top1_correct: before }: Row): string {
  if (kept === true) return 'kept';
  if (before === true) return 'lost';
  return correct === true ? 'gained' : 'other';
}
