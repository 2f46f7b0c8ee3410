import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { evaluate } from '../../../src-main/work/evaluate.ts';
import { fakeBench, heardWork, tinyModel } from '../fake-bench.ts';
import { outcomeOf, PLANS } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const IMAGES = 40;

/** Evaluates images whose class is their number, by a network that answers `answer`; an empty answer is none. */
async function run(answer: (label: number) => number, quantised?: readonly number[]) {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  mkdirSync(root);
  const images = Array.from({ length: IMAGES }, (_, label) => ({ path: `${label}.jpg`, label }));
  for (const { path } of images) writeFileSync(join(root, path), path);
  const work = heardWork();
  const bench = fakeBench(folder, {
    open: ({ model }) => ({ ...tinyModel(model), classes: 1000, labels: [] }),
    evaluate: ({ images: asked }) =>
      asked.map(({ path, plans }) => {
        const outcome = outcomeOf(path, plans.length);
        if ('failure' in outcome) return outcome;
        const first = answer(Number(/(\d+)\.jpg$/.exec(path)![1]));
        const top = (classes: readonly number[]) => ({ classes, probabilities: classes.map(() => 0.2) });
        const baseline = top([first, 900, 901, 902, 903]);
        return {
          ...outcome,
          baseline,
          results: outcome.results.map((result) => ({ ...result, top: quantised ? top(quantised) : baseline })),
        };
      }),
  });
  const order = {
    model: { id: 'tiny', path: '/models/tiny.onnx', embedded: false },
    detail: 'basic',
    seed: 1,
    images: { root, labels: { kind: 'folders' }, images },
    plans: () => [PLANS[0]!],
  } as const;
  const { report } = await evaluate(bench, order, work);
  return { report, notes: work.notes.filter(({ note }) => note === 'no-better-than-chance') };
}

it('says when the plain network is right no more often than chance, and when the labels seem to count from 1', async () => {
  expect((await run((label) => label)).notes).toEqual([]);
  expect((await run(() => 950)).notes).toEqual([{ note: 'no-better-than-chance', classes: 1000, fromOne: false }]);
  expect((await run((label) => label - 1)).notes).toEqual([
    { note: 'no-better-than-chance', classes: 1000, fromOne: true },
  ]);
});

it('counts outcomes without an answer, which are neither right nor kept, and which no policy chooses', async () => {
  const { report } = await run((label) => label, []);
  expect(report.plans[0]).toMatchObject({
    unanswered: IMAGES,
    top1: 0,
    top5: 0,
    top1Agreement: 0,
    top5Agreement: 0,
    baselineTop1: 1,
  });
  for (const { policy, top1, plans, endsAtPlain } of report.policies)
    if (policy === 'oracle' || policy === 'cascade')
      expect([policy, top1, plans.length === 0 || endsAtPlain]).toEqual([policy, 1, true]);
});
