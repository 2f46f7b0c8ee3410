import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exportRun } from '../../../src-main/work/export-run.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { EXPORT_ROWS, type ExportRows } from '../../../src-shared/runs/export-rows.ts';
import { parseCsv } from '../../../src-shared/runs/csv.ts';
import { completeRun, doRest, newRun, outcomeOf } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { finishRun } from '../../../src-main/work/run-report.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

const csvRows = (store: RunStore, id: string, rows: ExportRows) => {
  const [header, ...lines] = [...parseCsv([...exportRun(store, id, 'csv', rows)].join(''), 'export')].map(
    ({ fields }) => fields,
  );
  return lines.map((line) => Object.fromEntries(header!.map((column, index) => [column, line[index]])));
};
const jsonRows = (store: RunStore, id: string, rows: ExportRows) =>
  JSON.parse([...exportRun(store, id, 'json', rows)].join('')) as Record<string, unknown>[];

describe('exportRun', () => {
  it.each(EXPORT_ROWS)('writes the same %s as CSV and as JSON', (rows) => {
    const store = newStore();
    const id = completeRun(store, 4);
    const csv = csvRows(store, id, rows);
    const json = jsonRows(store, id, rows);
    // Images: 4 x 2 plans. Layers: 3 x 2 plans. Both: 4 x 3 x 2.
    expect(csv).toHaveLength({ images: 8, layers: 6, 'image-layers': 24 }[rows]);
    const asText = json.map((row) =>
      Object.fromEntries(Object.entries(row).map(([column, cell]) => [column, String(cell ?? '')])),
    );
    // One class of the model is called "=jay".
    expect(JSON.parse(JSON.stringify(csv).replaceAll(`"'=`, '"='))).toEqual(asText);
  });

  it('says of each image what was right and what was kept', () => {
    const store = newStore();
    const writer = store.createRun(newRun(1));
    const outcome = outcomeOf('image 0.jpg', 2);
    if ('failure' in outcome) throw new Error('expected results');
    const top = (...classes: number[]) => ({ classes, probabilities: [0.5, 0.25, 0.125, 0.0625, 0.03125] });
    const results = outcome.results.map((result, plan) => ({
      ...result,
      top: plan === 0 ? top(0, 9, 8, 7, 6) : top(3, 4, 5, 6, 0),
    }));
    writer.write([{ ...outcome, baseline: top(9, 0, 1, 2, 3), results }], 1);
    finishRun(writer);
    expect(jsonRows(store, writer.runId, 'images')).toMatchObject([
      {
        plan: 1,
        path: 'image 0.jpg',
        label: 0,
        label_name: 'ant',
        baseline_class: 9,
        class: 0,
        class_name: 'ant',
        probability: 0.5,
        margin: 0.25,
        top1_correct: true,
        top5_correct: true,
        baseline_top1_correct: false,
        baseline_top5_correct: true,
        top1_kept: false,
        top5_kept: true,
        failure: null,
      },
      { plan: 2, top1_correct: false, top5_correct: true, top1_kept: false, top5_kept: false },
    ]);
  });

  it('has a row for failures, odd names, and nothing a spreadsheet would run', () => {
    const store = newStore();
    const run = newRun(0, { plans: newRun(0).plans.slice(0, 1) });
    const images = [
      { path: '=cmd|calc.jpg', label: 9 },
      { path: 'a, "b"\n.jpg', label: null },
      { path: 'broken.jpg', label: 1 },
    ];
    const writer = store.createRun({ ...run, dataset: { ...run.dataset, images } });
    writer.write([{ path: 'broken.jpg', failure: { code: 'image-damaged', message: '=1+1', next: '' } }], 1);
    doRest(writer, 1);
    const rows = csvRows(store, writer.runId, 'images');
    expect(rows).toMatchObject([
      { path: './=cmd|calc.jpg', label: '9', label_name: "'=jay" },
      { path: 'a, "b"\n.jpg', label: '', top1_correct: '' },
      { path: 'broken.jpg', class: '', failure: 'image-damaged: =1+1' },
    ]);
  });

  it('of a run without results is an empty list', () => {
    const store = newStore();
    const { runId } = store.createRun(newRun(2));
    expect(jsonRows(store, runId, 'images')).toEqual([]);
  });
});
