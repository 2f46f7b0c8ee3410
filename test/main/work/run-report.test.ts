import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { finishRun as finishPatiently, runReport, shownReport } from '../../../src-main/work/run-report.ts';
import { findRun } from '../../../src-main/store/run-query.ts';
import { openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import type { NewRun } from '../../../src-main/store/run-store.ts';
import { type PrecisionPlan, resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { withControls } from '../../../src-shared/runs/controls.ts';
import type { PolicyReport, TopClasses } from '../../../src-shared/runs/run-record.ts';
import { policiesText } from '../../../src-main/text/policies-text.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { finishRun, LAYERS, newRun, outcomeOf, PLANS } from '../store/stored-runs.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

const RIGHT: TopClasses = { classes: [0, 1, 2, 3, 4], probabilities: [0.9, 0.05, 0.02, 0.01, 0.01] };
const SECOND: TopClasses = { ...RIGHT, classes: [1, 0, 2, 3, 4] };

/** A measured plan: its answers image by image, and its bits everywhere. */
interface Measured {
  readonly answers: readonly TopClasses[];
  readonly bits: number;
}

const LABELLED = { path: '/photos', labels: { kind: 'folders' }, sha256: null } as const;
const UNLABELLED = { ...LABELLED, labels: { kind: 'none' } } as const;
const images = (count: number, label: number | null) =>
  Array.from({ length: count }, (_, index) => ({ path: `image ${index}.jpg`, label }));

/** A complete run whose plain network always answers 0. */
function measuredRun(store: RunStore, measured: readonly Measured[], changes: Partial<NewRun>): string {
  const run = newRun(0, changes);
  const writer = store.createRun(run);
  run.dataset.images.forEach(({ path }, image) => {
    const outcome = outcomeOf(path, measured.length);
    if ('failure' in outcome) throw new Error('expected results');
    const results = outcome.results.map((result) => ({
      ...result,
      top: measured[result.plan]!.answers[image]!,
      // Ideally a bit less: what is told is lock-step.
      layers: result.layers.map((layer) => {
        const { bits } = measured[result.plan]!;
        return { ...layer, meanBits: bits - 1, lockstepBits: bits };
      }),
    }));
    writer.write([{ ...outcome, baseline: RIGHT, results }], 1);
  });
  finishRun(writer);
  return writer.runId;
}

const named = (policies: readonly PolicyReport[], policy: string, keeps = 'top1') =>
  policies.find((one) => one.policy === policy && one.keeps === keeps);

describe('a run that is counted up', () => {
  it('is seen all the while, however long that takes, and no longer', async () => {
    vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    const store = newStore();
    const writer = store.createRun(newRun(40));
    const outcomes = writer.pending().map(({ path }) => outcomeOf(path, PLANS.length));
    writer.write(outcomes, 1);
    const seen = store.db.prepare('SELECT seen_at FROM runs').pluck();
    const read = store.read.bind(store);
    let unseen = 0;
    // Nothing but reading takes time, and no timer has its turn meanwhile.
    store.read = (action) => {
      vi.setSystemTime(Date.now() + 2000);
      unseen = Math.max(unseen, Date.now() - Number(seen.get()));
      return read(action);
    };
    await finishPatiently(writer);
    expect(findRun(store, writer.runId).status).toBe('complete');
    expect(unseen).toBeLessThan(30_000);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a report for the window, of a run that goes on', () => {
  it('has the figures of any report, without intervals of costs and claims; complete, it is that report', () => {
    const store = newStore();
    const dataset = { ...LABELLED, images: images(6, 0) };
    const run = newRun(0, { plans: [resolvePlan({ bits: [4, 3] })], dataset });
    const writer = store.createRun(run);
    const outcomes = dataset.images.map(({ path }, image) => {
      const outcome = outcomeOf(path, 1);
      if ('failure' in outcome) throw new Error('expected results');
      const layers = LAYERS.map((layer) => ({
        ...outcome.results[0]!.layers[0]!,
        ...layer,
        lockstepBits: 4 - (image % 2),
      }));
      return { ...outcome, baseline: RIGHT, results: [{ ...outcome.results[0]!, top: RIGHT, layers }] };
    });
    writer.write(outcomes.slice(0, 4), 1);
    const [whole, shown] = [runReport(store, writer.runId), shownReport(store, writer.runId)];
    expect(whole.plans[0]!.macWeightedLockstepBitsInterval).not.toBeNull();
    expect(whole.policies.some(({ savedInterval }) => savedInterval !== null)).toBe(true);
    expect(shown).toEqual({
      ...whole,
      plans: whole.plans.map((plan) => ({
        ...plan,
        macWeightedBitsInterval: null,
        macWeightedLockstepBitsInterval: null,
        claims: null,
      })),
      policies: whole.policies.map((policy) => ({ ...policy, savedInterval: null, nullInterval: null })),
    });
    writer.write(outcomes.slice(4), 1);
    finishRun(writer);
    expect(shownReport(store, writer.runId)).toEqual(runReport(store, writer.runId));
  });
});

describe('a report of the static profile', () => {
  const profile = (bits: number) =>
    resolvePlan({ metric: 'uniform', bits: [8], layerBits: { conv1: bits, conv2: bits, fc: bits } });
  const uniform = (bits: number) => resolvePlan({ metric: 'uniform', bits: [bits] });
  const region = (bits: number) => resolvePlan({ bits: [bits, bits - 1] });
  const dataset = { ...LABELLED, images: images(8, 0) };
  const allRight = Array.from({ length: 8 }, () => RIGHT);
  const oneWrong = [...allRight.slice(1), SECOND];

  it('is the best of those among the plans, and all policies are compared with it', () => {
    const store = newStore();
    const measured = [
      { answers: allRight, bits: 4 },
      { answers: allRight, bits: 5 },
      { answers: allRight, bits: 6 },
      { answers: oneWrong, bits: 3 },
    ];
    const plans = [region(4), profile(5), uniform(6), profile(3)];
    const { policies } = runReport(store, measuredRun(store, measured, { plans, dataset }));
    expect(named(policies, 'static')).toMatchObject({ plans: [1], top1: 1, savedVs8bit: 3 / 8, savedVsStatic: 0 });
    expect(named(policies, 'static')).toMatchObject({ endsAtPlain: false, reason: null });
    expect(named(policies, 'fixed')?.savedVsStatic).toBeCloseTo(1 - 4 / 5, 12);
    // By Top-5 the wrong answer is right, too.
    expect(named(policies, 'static', 'top5')).toMatchObject({ plans: [3], savedVs8bit: 5 / 8 });
    expect(named(policies, 'fixed', 'top5')?.savedVsStatic).toBe(0);
    for (const { savedVsStatic } of policies) expect(savedVsStatic).not.toBeNull();
    expect(policiesText(policies)).toContain('against best static');
  });

  it('says where it loses accuracy, and is shown nevertheless', () => {
    const store = newStore();
    const measured = [{ answers: oneWrong, bits: 3 }];
    const { policies } = runReport(store, measuredRun(store, measured, { plans: [profile(3)], dataset }));
    const reason = 'the best static profile loses more than 1 point of Top-1';
    expect(named(policies, 'static')).toMatchObject({ plans: [0], top1: 7 / 8, savedVsStatic: 0, reason });
    expect(policiesText(policies)).toContain(`static at Top-1: ${reason}\n`);
  });

  it('is left out where no plan is one', () => {
    const store = newStore();
    const measured = [{ answers: allRight, bits: 4 }];
    const { policies } = runReport(store, measuredRun(store, measured, { plans: [region(4)], dataset }));
    expect(policies.map(({ policy }) => policy)).not.toContain('static');
    for (const { savedVsStatic } of policies) expect(savedVsStatic).toBeNull();
    expect(policiesText(policies)).not.toContain('static');
  });
});

describe('a report of policies', () => {
  const plans = [resolvePlan({ metric: 'uniform', bits: [4] })];
  const answers = [RIGHT, RIGHT, RIGHT, SECOND];

  it('has accuracies and agreement where there are labels', () => {
    const store = newStore();
    const dataset = { ...LABELLED, images: images(4, 1) };
    const id = measuredRun(store, [{ answers, bits: 4 }], { plans, dataset });
    const { policies } = runReport(store, id);
    // All are class 1, which the plain network has second.
    expect(named(policies, 'fixed')).toMatchObject({
      ...{ top1: 0.25, top5: 1, baselineTop1: 0, baselineTop5: 1 },
      ...{ top1Agreement: 0.75, top5Agreement: 1 },
      savedVs8bit: 0.5,
    });
    expect(policiesText(policies)).toMatch(/Top-1 +plain/);
    const [report] = runReport(store, id).plans;
    expect(report).toMatchObject({ macWeightedBits: 3, macWeightedLockstepBits: 4 });
    // Every image costs the same by construction: that is no interval.
    expect(report!.macWeightedLockstepBitsInterval).toBeNull();
    expect(report!.claims).toMatchObject({
      role: 'uniform',
      againstPlain: { onlyFirst: 0, onlyOther: 1, difference: 0.25, pValue: 1, familyPValue: 1 },
      againstUniform: null,
    });
  });

  it('has agreement alone where there are none', () => {
    const store = newStore();
    const dataset = { ...UNLABELLED, images: images(4, null) };
    const { policies } = runReport(store, measuredRun(store, [{ answers, bits: 4 }], { plans, dataset }));
    for (const policy of policies)
      expect(policy).toMatchObject({ top1: null, top5: null, baselineTop1: null, baselineTop5: null });
    expect(named(policies, 'fixed', 'top5')).toMatchObject({ top1Agreement: 0.75, top5Agreement: 1 });
    expect(named(policies, 'oracle')).toMatchObject({ top1Agreement: 1, top5Agreement: 1 });
    const [header] = policiesText(policies).split('\n');
    expect(header).toMatch(/same Top-1 +same Top-5/);
    expect(header).not.toContain('plain');
  });

  it('says why a policy cannot be had, with the plain network in its place', () => {
    const store = newStore();
    const dataset = { ...LABELLED, images: images(1, 0) };
    const wrong = [{ answers: [SECOND], bits: 4 }];
    const { policies } = runReport(store, measuredRun(store, wrong, { plans, dataset }));
    const plain = { top1: 1, baselineTop1: 1, savedVs8bit: 0, plans: [], endsAtPlain: true };
    expect(named(policies, 'fixed')).toMatchObject({ ...plain, reason: 'every plan loses more than 1 point of Top-1' });
    expect(named(policies, 'cascade')).toMatchObject({ ...plain, reason: expect.stringContaining('too few images') });
    expect(named(policies, 'oracle')).toMatchObject({ savedVs8bit: 0, reason: null });
    expect(policiesText(policies)).toContain('fixed at Top-1: every plan loses more than 1 point of Top-1; the plain');
  });
});

describe('a report with controls', () => {
  const asked = [resolvePlan({ bits: [8, 0] })];
  const plans = withControls(asked, LAYERS);
  const right = [RIGHT, RIGHT, RIGHT, RIGHT];
  const answersOf = (plan: PrecisionPlan) => {
    if (plan.metric === 'random') return [SECOND, SECOND, SECOND, SECOND];
    if (plan.metric === 'combined') return [RIGHT, RIGHT, SECOND, SECOND];
    return right;
  };
  const measured = plans.map((plan) => ({
    answers: answersOf(plan),
    bits: plan.bits.length > 1 ? 6.5 : plan.bits[0]!,
  }));

  it('holds each plan against what it has beside it, and chooses policies from the plans asked for', () => {
    const store = newStore();
    const { plans: reports, policies } = runReport(
      store,
      measuredRun(store, measured, { plans, dataset: { ...LABELLED, images: images(4, 0) } }),
    );
    expect(reports.map(({ control }) => control)).toEqual(plans.map((_, index) => index > 0));
    expect(reports[0]!.claims).toMatchObject({
      role: 'plan',
      againstPlain: { difference: -0.5 },
      // 6.5 bits lie between the widths 7 and 6, which are plans 2 and 3.
      againstUniform: { difference: -0.5, between: [2, 3] },
      againstCentre: { difference: -0.5 },
      againstRandom: { difference: 0.5, onlyOther: 2 },
    });
    const oracle = named(policies, 'oracle')!;
    // Two images at 6.5 bits, two at the full price; no random mask keeps an answer.
    expect(oracle.savedVs8bit).toBeCloseTo((2 * 1.5) / 8 / 4, 12);
    expect(oracle).toMatchObject({ plans: [0], nullSaved: 0, nullInterval: null });
    expect(policiesText(policies)).toContain('An oracle knows the right answers');
  });

  it('says why an oracle saves less than one plan for all', () => {
    const store = newStore();
    const cheap = resolvePlan({ metric: 'uniform', bits: [2] });
    const dataset = { ...LABELLED, images: images(4, 0) };
    // The fixed plan gains what it loses; the oracle pays the full price for both.
    const labels = dataset.images.map((image, index) => ({ ...image, label: index === 2 ? 1 : 0 }));
    const measured = [{ answers: [RIGHT, RIGHT, SECOND, SECOND], bits: 2 }];
    const { policies } = runReport(
      store,
      measuredRun(store, measured, { plans: [cheap], dataset: { ...dataset, images: labels } }),
    );
    expect(named(policies, 'fixed')).toMatchObject({ savedVs8bit: 0.75, top1: 0.75 });
    expect(named(policies, 'oracle')).toMatchObject({
      savedVs8bit: 0.375,
      reason:
        'it saves less than one fixed plan for all images (75.0 %), which pays its own price everywhere; here 2 images of 4 pay the ' +
        'full price: 1 that the plain network gets wrong, and 1 that no plan of the ladder keeps',
    });
  });
});
