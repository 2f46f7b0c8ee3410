import { describe, expect, it } from 'vitest';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { compareMethods, savedInMode } from '../../../src-shared/runs/methods-comparison.ts';
import { type MethodChoices, type MethodKind, UNIFORM_METHOD } from '../../../src-shared/runs/methods-plans.ts';
import { type MeasuredPlan, type RunOutcomes } from '../../../src-shared/runs/run-outcomes.ts';
import { emptyTally } from '../../../src-main/work/read-outcomes.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';
import { LAYERS } from '../../main/store/stored-runs.ts';

const IMAGES = [0, 1, 2, 3, 4, 5, 6, 7];

/** The same bits in every layer, of which groups of channels need one less. */
function measured(bits: number, top1: readonly number[]): MeasuredPlan {
  const everywhere = IMAGES.map(() => bits);
  return {
    plan: resolvePlan({ metric: 'uniform', bits: [bits] }),
    tally: emptyTally(),
    ...{ top1, top5: top1, sameTop1: top1, sameTop5: top1, margin: IMAGES.map(() => 1) },
    ...{ cost: everywhere, bits: everywhere, lockstepBits: everywhere },
    layers: LAYERS.map((layer) => ({ ...uniformCounts(layer, bits), groupBits: bits - 1 })),
  };
}

const plans = [
  measured(8, [1, 1, 1, 1, 1, 1, 1, 1]),
  measured(4, [1, 1, 1, 1, 1, 1, 0, 0]),
  measured(5, [1, 1, 1, 1, 0, 1, 1, 1]),
  measured(3, [1, 1, 1, 0, 1, 1, 1, 1]),
  measured(6, [1, 1, 1, 1, 1, 1, 1, 1]),
];
const outcomes: RunOutcomes = {
  plans,
  asked: plans.length,
  staticProfiles: [],
  full: { top1: IMAGES.map(() => 1), top5: IMAGES.map(() => 1), cost: 8 },
  labelled: false,
  judged: IMAGES,
  calibration: [0, 1, 2, 3],
  rest: [4, 5, 6, 7],
};
const method = (id: string, own: readonly number[], kind: MethodKind = 'plan'): MethodChoices => ({
  ...{ id, label: id, source: 'by hand', kind },
  choices: [own, own],
});
const methods = [
  method(UNIFORM_METHOD, [0, 1]),
  method('changing', [2, 3]),
  method('steady', [4]),
  method('oracle', [3, 4], 'oracle'),
];
const found = compareMethods(outcomes, { methods, counted: plans.length }, 1, () => ({ estimates: [], notPriced: [] }));
const row = (id: string, mode: 'lockstep' | 'group' = 'lockstep') =>
  found.bits[mode].rows.find((own) => own.method === id)!;

describe('compareMethods', () => {
  it('chooses on each half what saves most and keeps the accuracy there, and tells it by the other', () => {
    // Five bits keep the first half and lose one of the second, three bits the other way round; each is told where it loses.
    expect(row('changing')).toMatchObject({ plans: [3, 4], keeps: true, accuracy: 0.75, saved: 0.5 });
    // Four bits on the first half, told by the second, where they lose two; eight bits the other way round.
    expect(row('uniform')).toMatchObject({ plans: [2, 1], accuracy: 0.75, saved: 0.25, atEqualEnergy: null });
    expect(row('uniform').againstPlain).toMatchObject({ bothRight: 6, onlyFirst: 2, onlyOther: 0, bothWrong: 0 });
  });

  it('holds it against uniform widths that save as much, and that are as accurate', () => {
    // Four bits save a half, too: two answers more, two less.
    expect(row('changing').atEqualEnergy).toMatchObject({ difference: 0, between: [2, 2] });
    expect(row('changing').atEqualAccuracy).toMatchObject({ difference: 0 });
    // A quarter: eight and four bits in turn, right on 7 of 8. As accurate as eight bits, which save nothing.
    expect(row('steady').atEqualEnergy).toMatchObject({ difference: 0.125, between: [1, 2] });
    expect(row('steady').atEqualAccuracy).toMatchObject({ difference: 0.25, isBeyond: false });
  });

  it('names what saves most and loses nothing, and what earns most; an oracle is a bound, and wins nothing', () => {
    expect(found.bits.lockstep).toMatchObject({ winner: 'steady', mostEarned: 'steady' });
    // Three bits for seven images and six for one: (7 x 5/8 + 2/8) / 8.
    expect(row('oracle').saved).toBeCloseTo(0.578125, 12);
    expect(row('oracle').accuracy).toBe(1);
  });

  it('counts what groups need where they are asked, for all alike', () => {
    expect(row('uniform', 'group').saved).toBeCloseTo((5 / 8 + 1 / 8) / 2, 12);
    expect(savedInMode(plans[3]!.layers, 'group')).toBeCloseTo(6 / 8, 12);
    expect(savedInMode(plans[3]!.layers, 'ideal')).toBeCloseTo(5 / 8, 12);
  });

  it('chooses by agreement where labels are few', () => {
    const labelled = compareMethods({ ...outcomes, labelled: true }, { methods, counted: plans.length }, 1, () => ({
      estimates: [],
      notPriced: [],
    }));
    expect([found.chosenBy, labelled.chosenBy]).toEqual(['right answers', 'agreement']);
  });
});
