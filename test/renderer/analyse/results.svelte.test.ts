import { flushSync } from 'svelte';
import { expect, it, onTestFinished } from 'vitest';
import type { Question } from '../../../src-renderer/analyse/question.ts';
import { Results } from '../../../src-renderer/analyse/results.svelte.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { DEFAULT_PLAN_SETTINGS } from '../../../src-renderer/plan/plan-settings.ts';
import { Messages } from '../../../src-renderer/shell/messages.svelte.ts';
import type { Analysis } from '../../../src-shared/analysis.ts';
import type { ParsedInputOf } from '../../../src-shared/contract/contract.ts';
import { analysisOf, entry, FakeHost } from '../fake-host.ts';
import { held, settle } from '../held.ts';

const IMAGE = entry('harbour.jpg');
const under = (bits: number): Question => ({
  imageId: IMAGE.id,
  modelId: 'tiny',
  revision: 0,
  settings: { ...DEFAULT_PLAN_SETTINGS, bits: [bits, 2] },
});

function following() {
  const runs = held<ParsedInputOf<'analysis.run'>, Analysis>();
  const host = new FakeHost({ 'analysis.run': runs.handler });
  let question = $state.raw(under(8));
  const results = new Results(new Client(host), new Messages(), () => question);
  onTestFinished($effect.root(() => results.follow()));
  const turnTo = async (bits: number) => {
    question = under(bits);
    flushSync();
    await settle();
  };
  const answer = async (index: number) => {
    await runs.calls[index]!.answer(analysisOf(IMAGE, runs.calls[index]!.input.plan));
    flushSync();
  };
  return { results, turnTo, answer, bits: () => results.current?.plan.bits.at(-1) };
}

it('until a plan is answered are those of the plan before it, not of the one that was asked about last', async () => {
  const { turnTo, answer, bits } = following();
  await turnTo(8);
  await answer(0);
  await turnTo(6);
  await answer(1);
  await turnTo(8);
  expect(bits()).toBe(8);
  await turnTo(4);
  expect(bits()).toBe(8);
});

it('of a plan that is known are not waited for, and no answer that comes late takes their place', async () => {
  const { results, turnTo, answer, bits } = following();
  await turnTo(8);
  await answer(0);
  await turnTo(6);
  await turnTo(8);
  expect(results.busy).toBe(false);
  await answer(1);
  await turnTo(4);
  expect(bits()).toBe(8);
});
