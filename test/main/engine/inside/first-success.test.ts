import { expect, test } from 'vitest';
import { Climb, type Step } from '../../../../src-main/engine/inside/first-success.ts';
import { oraclePolicy, type PlanOutcomes } from '../../../../src-shared/runs/policies.ts';
import { FULL_BITS } from '../../../../src-shared/runs/run-outcomes.ts';
import type { TopClasses } from '../../../../src-shared/runs/run-record.ts';
import { randomGenerator } from '../../../../src-shared/importance/random.ts';
import { measured, plans, run, scene } from './engine-scene.ts';

const answer = (...classes: number[]): TopClasses => ({ classes, probabilities: classes.map(() => 0.1) });

/** The plans tried for an image whose plain answer and label are given, in order. */
function tried(
  plain: TopClasses,
  label: number | null,
  steps: readonly Step[],
  answers: readonly TopClasses[],
): number[] {
  const known = new Map<number, TopClasses>();
  const climb = Climb.of(plain, label, () => steps);
  for (let next = climb?.next((plan) => known.get(plan)); typeof next === 'number';) {
    known.set(next, answers[next]!);
    next = climb!.next((plan) => known.get(plan));
  }
  return [...known.keys()];
}

test('an image climbs from the cheapest plan to the first that keeps its answer', () => {
  const steps = [5, 2, 3, 9].map((cost, plan) => ({ plan, cost }));
  const answers = [answer(1, 2), answer(2, 1), answer(1, 2), answer(1, 2)];
  expect(tried(answer(1, 2), 1, steps, answers)).toEqual([1, 2]);
  // Without a label the plain answer is the right one.
  expect(tried(answer(2, 1), null, steps, answers)).toEqual([1]);
  // Right among the first five alone: the first plan that has it there.
  expect(tried(answer(2, 1), 1, steps, answers)).toEqual([1]);
  // The plain network is wrong: nothing is needed. What costs more than 8 bits is never worth it.
  expect(tried(answer(2, 3), 1, steps, answers)).toEqual([]);
  expect(tried(answer(7, 1), 7, steps, answers)).toEqual([1, 2, 0]);
  // Plans that cost the same to single precision are all tried: the oracle takes the first of them in the order of the ladder.
  expect(
    tried(
      answer(1, 2),
      1,
      [
        { plan: 0, cost: 3 * (1 + 1e-8) },
        { plan: 2, cost: 3 },
      ],
      answers,
    ),
  ).toEqual([2, 0]);
});

test('an oracle makes of what a climb leaves out what it makes of everything', () => {
  const random = randomGenerator(7);
  const integer = (below: number) => Math.floor(random() * below);
  for (let round = 0; round < 200; round++) {
    const images = Array.from({ length: 8 }, () => {
      const answers = Array.from({ length: 6 }, () => answer(integer(3), 10 + integer(3), 20));
      const steps = answers.map((_, plan) => ({ plan, cost: 1 + integer(9) }));
      return { plain: answer(integer(3), 10 + integer(3), 20), label: [0, 10, 20, null][integer(4)]!, steps, answers };
    });
    const right = ({ plain, label }: (typeof images)[number]) => label ?? plain.classes[0]!;
    const first = (image: (typeof images)[number], { classes }: TopClasses) => Number(classes[0] === right(image));
    const five = (image: (typeof images)[number], { classes }: TopClasses) => Number(classes.includes(right(image)));
    const full = {
      top1: images.map((image) => first(image, image.plain)),
      top5: images.map((image) => five(image, image.plain)),
      cost: FULL_BITS,
    };
    const outcomes = (isKnown: (image: number, plan: number) => boolean): PlanOutcomes[] =>
      [0, 1, 2, 3, 4, 5].map((plan) => {
        const column = (of: (image: (typeof images)[number]) => number) => {
          const values: number[] = [];
          images.forEach((image, at) => isKnown(at, plan) && (values[at] = of(image)));
          return values;
        };
        return {
          top1: column((image) => first(image, image.answers[plan]!)),
          top5: column((image) => five(image, image.answers[plan]!)),
          sameTop1: column((image) => Number(image.answers[plan]!.classes[0] === image.plain.classes[0])),
          sameTop5: column(() => 1),
          cost: column((image) => image.steps[plan]!.cost),
          margin: column(() => 0),
        };
      });
    const climbed = images.map(({ plain, label, steps, answers }) => tried(plain, label, steps, answers));
    const all = outcomes(() => true);
    const some = outcomes((image, plan) => climbed[image]!.includes(plan));
    for (const keeps of ['top1', 'top5'] as const) {
      const places = (plans: PlanOutcomes[]) => {
        const { paid, ...rest } = oraclePolicy(plans, full, keeps);
        return { ...rest, paid: paid.map((own) => own.map((plan) => plan && plans.indexOf(plan as PlanOutcomes))) };
      };
      expect(places(some)).toEqual(places(all));
    }
  }
});

test('the engine runs of a ladder what an image climbs, and gives of it what it gives of the whole', async () => {
  const { model, photos } = await scene(9);
  const all = plans(...[8, 6, 4, 3, 2, 1].map((bits) => ({ metric: 'uniform' as const, bits: [bits] })), {
    metric: 'random',
    bits: [4, 0],
  });
  const images = photos.map((path) => ({ path, plans: [...all.keys()], baseline: true }));
  const order = { model, images, plans: all, ranges: null, counts: false };
  const whole = measured(await run('evaluate', order));
  const climbed = measured(
    await run('evaluate', {
      ...order,
      ladders: [
        [0, 1, 2, 3, 4, 5],
        [3, 6],
      ],
    }),
  );
  expect(climbed.map(({ baseline }) => baseline)).toEqual(whole.map(({ baseline }) => baseline));
  for (const [at, { baseline, results }] of climbed.entries()) {
    const kept = ({ top }: (typeof results)[number]) => top.classes[0] === baseline!.classes[0];
    for (const result of results) expect(result).toEqual(whole[at]!.results.find(({ plan }) => plan === result.plan));
    // From 1 bit upwards to the first success, and nothing above it.
    const uniform = whole[at]!.results.filter(({ plan }) => plan > 0 && plan < 6).sort((a, b) => b.plan - a.plan);
    const success = uniform.findIndex(kept);
    const needed = uniform.slice(0, success < 0 ? uniform.length : success + 1).map(({ plan }) => plan);
    expect(results.map(({ plan }) => plan).filter((plan) => plan > 0 && plan < 6 && plan !== 3)).toEqual(
      needed.filter((plan) => plan !== 3).sort((a, b) => a - b),
    );
  }
});
