import { expect, it } from 'vitest';
import { Client } from '../../src-renderer/link/client.ts';
import { PresetCheckState } from '../../src-renderer/preset-check.svelte.ts';
import type { PresetCheck } from '../../src-shared/contract/models.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { FakeHost } from './fake-host.ts';
import { held, settle } from './held.ts';

const FOUND: PresetCheck = {
  scores: [],
  images: 24,
  failed: 0,
  best: 0,
  next: null,
  isChance: false,
  dataset: 'photos',
};

async function checking() {
  const checks = held<{ readonly modelId: string }, PresetCheck>();
  const host = new FakeHost({ 'models.checkPresets': checks.handler });
  let modelId = 'a';
  const presets = new PresetCheckState(new Client(host), () => modelId);
  void presets.check({ path: '/photos' });
  await settle();
  const turnTo = (id: string) => ((modelId = id), presets.forget());
  return { presets, host, calls: checks.calls, turnTo };
}

it('of a model that is no more in use is stopped, and another begins at once', async () => {
  const { presets, host, calls, turnTo } = await checking();
  turnTo('b');
  expect([presets.figures, host.cancelled.length]).toEqual([null, 1]);
  void presets.check({ path: '/photos' });
  await settle();
  expect(calls.map(({ input }) => input.modelId)).toEqual(['a', 'b']);
  expect(presets.figures).not.toBeNull();
  await calls[1]!.answer(FOUND);
  expect([presets.found, presets.figures]).toEqual([FOUND, null]);
});

it('of a model that is no more in use says nothing of what went wrong', async () => {
  const { presets, calls, turnTo } = await checking();
  turnTo('b');
  await calls[0]!.fail(new FoveaError('bad-argument', '/photos: no labelled images'));
  expect(presets.failure).toBeNull();
});
