import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { earlierRun } from '../../../src-main/store/earlier-run.ts';
import { type NewRun, openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { completeRun, newRun, outcomeOf, PLANS, SETTINGS, sha256 } from './stored-runs.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

const order = newRun(4);
/** Digests as `outcomeOf` gives them. */
const digests = new Map<string, string | null>(order.dataset.images.map(({ path }) => [path, sha256(path)]));
const again = { digests, grows: false };

function stoppedRun(store: RunStore): string {
  const writer = store.createRun(order);
  writer.write([outcomeOf('image 0.jpg', 2)], 1);
  writer.finish('cancelled');
  return writer.runId;
}

describe('earlierRun', () => {
  it('is the newest run of the same order, stopped or complete', () => {
    const store = newStore();
    expect(earlierRun(store, order, again)).toBeNull();
    const stopped = stoppedRun(store);
    expect(earlierRun(store, order, again)).toBe(stopped);
    const complete = completeRun(store, 4);
    expect(earlierRun(store, order, again)).toBe(complete);
  });

  it('is none that a process is at work on', () => {
    const store = newStore();
    store.createRun(order);
    expect(earlierRun(store, order, again)).toBeNull();
  });

  it.each<[string, Partial<NewRun>]>([
    ['name', { name: 'another' }],
    ['note', { note: 'another' }],
    ['model', { model: { ...order.model, sha256: sha256('another') } }],
    ['settings', { model: { ...order.model, settings: { ...SETTINGS, mean: [1, 1, 1] } } }],
    ['labels', { dataset: { ...order.dataset, labels: { kind: 'none' } } }],
    [
      'label of an image',
      { dataset: { ...order.dataset, images: order.dataset.images.map((one) => ({ ...one, label: 9 })) } },
    ],
    ['images', { dataset: { ...order.dataset, images: order.dataset.images.slice(1) } }],
    ['plans', { plans: [PLANS[1]!, PLANS[0]!] }],
    ['detail', { detail: 'full' }],
    ['seed', { seed: 2 }],
    ['version', { version: '0.2.0' }],
  ])('is none with another %s', (_, changes) => {
    const store = newStore();
    stoppedRun(store);
    expect(earlierRun(store, { ...order, ...changes }, again)).toBeNull();
  });

  it('is none that has results of a photo that was replaced; those it has none of may have changed', () => {
    const store = newStore();
    const stopped = stoppedRun(store);
    const changed = (path: string) => ({ ...again, digests: new Map([...digests, [path, sha256('changed')]]) });
    expect(earlierRun(store, order, changed('image 0.jpg'))).toBeNull();
    expect(earlierRun(store, order, changed('image 1.jpg'))).toBe(stopped);
  });

  it('may have more plans where plans are added as it goes', () => {
    const store = newStore();
    const stopped = stoppedRun(store);
    store.addPlan(stopped, resolvePlan({ bits: [2] }));
    expect(earlierRun(store, order, again)).toBeNull();
    expect(earlierRun(store, order, { ...again, grows: true })).toBe(stopped);
    expect(earlierRun(store, { ...order, plans: [PLANS[1]!] }, { ...again, grows: true })).toBeNull();
  });
});
