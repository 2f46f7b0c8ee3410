import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import {
  runRuns,
  runsCompare,
  runsDelete,
  runsList,
  runsMerge,
  runsNote,
  runsRename,
  runsShow,
} from '../../../src-main/commands/runs-command.ts';
import { defaultPricing } from '../../../src-shared/energy/price-order.ts';
import { completeRun, finishRun, newRun, outcomeOf, PLANS } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { KeptImages } from '../../../src-main/store/kept-images.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

const PRICING = defaultPricing();
const ESTIMATES = z.array(z.object({ accelerator: z.string(), mode: z.string() }));

describe('fovea runs', () => {
  it('lists runs, newest first, one a line whatever their names hold', () => {
    const store = newStore();
    expect(runsList(store).text).toMatch(/^No runs yet/);
    const first = completeRun(store, 2, { name: 'two\nlines\u001b[31m' });
    const second = completeRun(store, 3, { name: 'second' });
    const { text, json } = runsList(store);
    const lines = text.trimEnd().split('\n');
    expect(lines).toHaveLength(3);
    expect(text).toContain('two\\nlines\\u001b[31m');
    expect(json).toMatchObject([
      { id: second, images: 3 },
      { id: first, images: 2 },
    ]);
  });

  it('makes no store, and no folder for one, where there is nothing to read', async () => {
    const folder = temporaryFolder();
    const context = { db: join(folder, 'mistyped', 'runs.sqlite'), dataFolder: folder };
    expect((await runRuns('list', [], {}, context)).text).toBe(
      `No runs yet in ${context.db}: fovea batch FOLDER makes one.\n`,
    );
    for (const [action, ...operands] of [
      ['show', 'a'],
      ['compare', 'a', 'b'],
      ['export', 'a'],
    ] as const)
      await expect(
        (async () => [...((await runRuns(action, operands, {}, context)).text as Iterable<string>)])(),
      ).rejects.toMatchObject({ code: 'run-unknown' });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('doubts labels under which the plain network is hardly ever right', () => {
    const store = newStore();
    const top = { classes: [0, 5, 2, 3, 4], probabilities: [0.9, 0.05, 0.02, 0.01, 0.01] };
    const shownOf = (name: string, labels: readonly number[]) => {
      const images = labels.map((label, index) => ({ path: `image ${index}.jpg`, label }));
      const writer = store.createRun(newRun(0, { name, dataset: { ...newRun(0).dataset, images } }));
      for (const { path } of images) {
        const outcome = outcomeOf(path, 2);
        if ('failure' in outcome) throw new Error('expected results');
        writer.write([{ ...outcome, baseline: top }], 1);
      }
      finishRun(writer);
      return String(runsShow(store, name, PRICING).text);
    };
    expect(shownOf('another order', [1, 1, 2, 3])).toContain(
      'Warning: the plain network is right on 0.0 %: are these the labels of its classes, counted as it counts them',
    );
    expect(shownOf('in order', [0, 1, 2, 3])).not.toContain('Warning: the plain network');
  });

  it('shows accuracies that were counted by hand, energy of every plan, and what failed', () => {
    const store = newStore();
    const run = newRun(4, { name: 'by hand' });
    const writer = store.createRun(run);
    const top = (...classes: number[]) => ({ classes, probabilities: [0.9, 0.05, 0.02, 0.01, 0.01] });
    // Labels are 0, 1, 2; image 3 fails. Plain: right, right, wrong (but among five). Plan 1: right, wrong, wrong.
    const answers = [
      [top(0, 5), top(0, 7), top(0, 5)],
      [top(1, 5), top(5, 1), top(1, 5)],
      [top(5, 2), top(5, 7), top(5, 2)],
    ] as const;
    answers.forEach(([baseline, one, two], image) => {
      const outcome = outcomeOf(`image ${image}.jpg`, 2);
      if ('failure' in outcome) throw new Error('expected results');
      const results = outcome.results.map((result) => ({ ...result, top: result.plan === 0 ? one : two }));
      writer.write([{ ...outcome, baseline, results }], 1);
    });
    writer.write([{ path: 'image 3.jpg', failure: { code: 'image-empty', message: 'no bytes', next: '' } }], 1);
    finishRun(writer);
    const { text, json } = runsShow(store, 'by hand', PRICING);
    expect(json).toMatchObject({
      run: {
        status: 'complete',
        images: 4,
        finished: 3,
        failed: [{ path: 'image 3.jpg', reason: 'no bytes' }],
        imagesPerSecond: 0.75,
      },
      plans: [
        {
          plan: PLANS[0],
          images: 3,
          labelled: 3,
          top1: 1 / 3,
          top5: 2 / 3,
          baselineTop1: 2 / 3,
          baselineTop5: 1,
          top1Agreement: 2 / 3,
          top5Agreement: 1,
          macWeightedLockstepBits: expect.any(Number) as number,
        },
        { plan: PLANS[1], top1: 2 / 3, top5: 1, top1Agreement: 1 },
      ],
    });
    expect(text).toContain('33.3 %');
    expect(text).toContain('image 3.jpg: no bytes');
    // What cannot be priced without all counts is named, with the reason, to people and to programs.
    expect(text).toMatch(/Not priced: Bit-Pragmatic .*one-bits of the activations were not counted/);
    const [first] = z
      .object({ plans: z.array(z.object({ energy: ESTIMATES, notPriced: ESTIMATES })) })
      .parse(JSON.parse(JSON.stringify(json))).plans;
    const modesOf = (id: string) =>
      first!.energy.filter(({ accelerator }) => accelerator === id).map(({ mode }) => mode);
    expect(modesOf('stripes')).toEqual(['ideal', 'compacted', 'lockstep']);
    expect(first!.notPriced.map(({ accelerator }) => accelerator)).toContain('pragmatic');
    expect(text).toMatch(/oracle +Top-1/);
  });

  it('reports agreement where there are no labels', () => {
    const store = newStore();
    const run = newRun(3);
    const images = run.dataset.images.map(({ path }) => ({ path, label: null }));
    const id = completeRun(store, 3, { dataset: { ...run.dataset, labels: { kind: 'none' }, images } });
    const { text, json } = runsShow(store, id, PRICING);
    expect(json).toMatchObject({ plans: [{ labelled: 0, top1: null, baselineTop5: null, top1Interval: null }, {}] });
    expect(text).not.toContain('plain Top-1');
    expect(text).toContain('same Top-1');
  });

  it('shows what there is of a run that is not done', () => {
    const store = newStore();
    const writer = store.createRun(newRun(10, { name: 'begun' }));
    writer.write([outcomeOf('image 0.jpg', 2)], 1);
    writer.finish('cancelled');
    expect(runsShow(store, 'begun', PRICING).json).toMatchObject({
      run: { status: 'cancelled', finished: 1 },
      plans: [{ images: 1 }, {}],
    });
  });

  it('compares runs, or the plans of one, or single plans', () => {
    const store = newStore();
    const first = completeRun(store, 20, { name: 'first' });
    const second = completeRun(store, 15, { name: 'second', seed: 9, plans: [PLANS[0]!] });
    expect(runsCompare(store, [first]).json).toMatchObject({ images: 20, sides: [{ plan: 1 }, { plan: 2 }] });
    const { text, json } = runsCompare(store, [`${first}:2`, 'second']);
    expect(json).toMatchObject({
      images: 15,
      sides: [
        { run: first, plan: 2 },
        { run: second, plan: 1 },
      ],
    });
    expect(text).toContain('15 images in common');
    expect(text).toMatch(/seed +1 +9/);
    expect(() => runsCompare(store, [second])).toThrow('two plans or more');
    expect(() => runsCompare(store, [`${first}:3`, second])).toThrow('has plans 1 to 2, not 3');
    expect(() => runsCompare(store, [first, 'none:1'])).toThrow('no run "none"');
  });

  it('renames, notes and deletes; a wrong name among several deletes nothing', async () => {
    const store = newStore();
    const id = completeRun(store, 1);
    runsRename(store, id, 'x:1');
    runsNote(store, 'x:1', 'a note');
    expect(runsShow(store, 'x:1', PRICING).json).toMatchObject({ run: { id, name: 'x:1', note: 'a note' } });
    const kept = new KeptImages(temporaryFolder());
    await expect(runsDelete(store, [id, 'nothing'], kept)).rejects.toThrow('no run');
    expect(runsList(store).json).toHaveLength(1);
    expect((await runsDelete(store, [id, 'x:1'], kept)).json).toEqual({ deleted: [id] });
    expect(runsList(store).json).toEqual([]);
  });

  it('writes a Timeloop problem a layer into a folder, and asks for one', async () => {
    const store = newStore();
    const id = completeRun(store, 2);
    const folder = temporaryFolder();
    const context = { db: store.path, dataFolder: folder };
    const out = join(folder, 'new', 'problems');
    await expect(runRuns('export', [`${id}:2`], { format: 'timeloop' }, context)).rejects.toThrow(/a file a layer/);
    await runRuns('export', [`${id}:2`], { format: 'timeloop', out }, context);
    expect(readdirSync(out)).toEqual(['1-conv1.yaml', '2-conv2.yaml', '3-fc.yaml']);
  });

  it('merges files and says what is missing', () => {
    const [store, other] = [newStore(), newStore()];
    completeRun(other, 2, { name: 'part', shard: { index: 2, count: 4 } });
    const failed = [{ path: 'part', reason: 'shards 1, 3, 4 of 4 missing or not complete' }];
    expect(runsMerge(store, [other.path])).toMatchObject({ text: 'Added 1 run\n', failed });
    expect(runsMerge(store, [other.path])).toMatchObject({ text: expect.stringMatching(/^Nothing new: /), failed });
    expect(() => runsMerge(store, ['/nowhere.sqlite'])).toThrow('no such file');
  });
});
