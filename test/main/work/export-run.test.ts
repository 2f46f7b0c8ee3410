import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { exportRun, exportTimeloop, exportZigzag } from '../../../src-main/work/export-run.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { EXPORT_ROWS, type ExportRows } from '../../../src-shared/runs/export-rows.ts';
import { parseCsv } from '../../../src-shared/runs/csv.ts';
import { completeRun, doRest, finishRun, newRun, outcomeOf } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { runReport } from '../../../src-main/work/run-report.ts';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { defaultPricing, price } from '../../../src-shared/energy/price-order.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

const csvRows = (store: RunStore, id: string, rows: ExportRows) => {
  const [header, ...lines] = [
    ...parseCsv([...exportRun(store, id, 'csv', { rows, pricing: PRICING })].join(''), 'export'),
  ].map(({ fields }) => fields);
  return lines.map((line) => Object.fromEntries(header!.map((column, index) => [column, line[index]])));
};
const jsonRows = (store: RunStore, id: string, rows: ExportRows) =>
  JSON.parse([...exportRun(store, id, 'json', { rows, pricing: PRICING })].join('')) as Record<string, unknown>[];

const PRICING = defaultPricing(builtinAccelerators().filter(({ id }) => id === 'stripes' || id === 'bit-fusion'));

describe('exportRun', () => {
  it.each(EXPORT_ROWS)('writes the same %s as CSV and as JSON', (rows) => {
    const store = newStore();
    const id = completeRun(store, 4);
    const csv = csvRows(store, id, rows);
    const json = jsonRows(store, id, rows);
    // Images: 4 x 2 plans. Layers: 3 x 2 plans. Both: 4 x 3 x 2.
    expect(csv).toHaveLength({ images: 8, plans: 2, layers: 6, 'image-layers': 24 }[rows]);
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

  it('has a plan or a layer a row, options as columns, energy and what is saved by machine and mode', () => {
    const store = newStore();
    const id = completeRun(store, 4);
    const [first, second] = jsonRows(store, id, 'plans');
    expect(first).toMatchObject({
      run: id,
      plan: 1,
      metric: 'combined',
      bits: '4/3',
      low_share: 0.25,
      role: 'plan',
      seed: 1,
    });
    expect(second).toMatchObject({ run: id, plan: 2, metric: 'uniform', bits: '5', layer_bits: null, input_bits: 8 });
    const report = runReport(store, id).plans[0]!;
    const [estimate] = price({ ...PRICING, modes: ['lockstep'] }, report.layers).estimates;
    expect(first).toMatchObject({
      stripes_lockstep_compute_picojoules: estimate!.computePicojoules,
      stripes_lockstep_whole_chip_saved_vs_8bit: estimate!.totalSavedVs8bit,
      against_plain: report.claims!.againstPlain.difference,
    });
    const layers = jsonRows(store, id, 'layers').slice(0, 3);
    const sum = layers.reduce((total, row) => total + Number(row.stripes_lockstep_compute_picojoules), 0);
    expect(sum / estimate!.computePicojoules).toBeCloseTo(1, 9);
    expect(layers[0]).toMatchObject({ run: id, plan: 1, layer: 'conv1', range: 'position' });
  });

  it('writes the layers of a plan as a ZigZag workload and as Timeloop problems', () => {
    const store = newStore();
    const id = completeRun(store, 4);
    const zigzag = exportZigzag(store, id, 1);
    expect(zigzag.match(/^- id: /gm)).toHaveLength(3);
    // conv1 of the stored network: 3 channels of 8 x 8 into 4, 3 x 3.
    expect(zigzag).toContain('loop_dims: [B, G, K, C, OY, OX, FY, FX]\n  loop_sizes: [1, 1, 4, 3, 8, 8, 3, 3]');
    const bits = Math.ceil(runReport(store, id).plans[1]!.layers[0]!.lockstepBits);
    expect(zigzag).toContain(`  operand_precision:\n    W: 16\n    I: ${bits}\n`);
    const problems = exportTimeloop(store, id, 1);
    // Timeloop joins its files into one document, and reads the first problem alone.
    expect(problems.map(({ fileName }) => fileName)).toEqual(['1-conv1.yaml', '2-conv2.yaml', '3-fc.yaml']);
    for (const { text } of problems) {
      expect(text.match(/^problem:$/gm)).toHaveLength(1);
      expect(text).not.toMatch(/^---/m);
    }
    const timeloop = problems[0]!.text;
    expect(timeloop).toContain(`ACTIVATION_BITS: ${bits}\n`);
    expect(timeloop).toContain(
      '  instance:\n    G: 1\n    C: 3\n    M: 4\n    R: 3\n    S: 3\n    N: 1\n    P: 8\n    Q: 8\n',
    );
    expect(() => exportZigzag(store, id, 2)).toThrow(/no plan 3/);
  });

  it('of a run without results is an empty list', () => {
    const store = newStore();
    const { runId } = store.createRun(newRun(2));
    expect(jsonRows(store, runId, 'images')).toEqual([]);
  });
});
