import { flushSync } from 'svelte';
import { expect, it, onTestFinished } from 'vitest';
import { TrueClasses } from '../../../src-renderer/analyse/true-classes.svelte.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { FakeHost, MODEL } from '../fake-host.ts';
import { settle } from '../held.ts';

it('are those of the model in use: where its classes are not told, none are', async () => {
  const host = new FakeHost({
    'images.labels': ({ modelId }) => {
      if (modelId === 'other') throw new FoveaError('labels-unreadable', 'labels.csv: class 700 of 10');
      return { source: 'labels.csv', classes: { a: 700, b: 701 }, images: 2, remarks: [] };
    },
  });
  let model = $state.raw(MODEL);
  const truths = new TrueClasses(new Client(host), () => model);
  truths.opens({ path: '/photos' });
  onTestFinished($effect.root(() => truths.follow(() => 2)));
  flushSync();
  await settle();
  expect([truths.of('a'), truths.said]).toEqual([700, 'Labels: labels.csv, 2 of 2 images.']);
  model = { ...MODEL, id: 'other' };
  flushSync();
  expect([truths.of('a'), truths.said]).toEqual([null, '']);
  await settle();
  expect([truths.of('a'), truths.said]).toEqual([null, 'Labels are not used. labels.csv: class 700 of 10.']);
  model = MODEL;
  flushSync();
  expect(truths.said).toBe('');
});
