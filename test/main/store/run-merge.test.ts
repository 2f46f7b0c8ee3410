import { copyFileSync, symlinkSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { mergeStores } from '../../../src-main/store/run-merge.ts';
import { joinedParts } from '../../../src-main/store/run-part.ts';
import { resultsDigest } from '../../../src-main/store/run-digest.ts';
import {
  findRun,
  imageResults,
  listRuns,
  runFailures,
  runImages,
  runModel,
  storedReport,
} from '../../../src-main/store/run-query.ts';
import { type NewRun, openRunStore, type RunStore } from '../../../src-main/store/run-store.ts';
import { completeRun, doRest, finishRun, newRun, outcomeOf, PLANS, sha256 } from './stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { completeRun as makeReport, runReport } from '../../../src-main/work/run-report.ts';
import { readColumns } from '../../../src-main/work/read-columns.ts';
import { readPart } from '../../../src-main/work/read-outcomes.ts';

function newStore(): RunStore {
  const store = openRunStore(join(temporaryFolder(), 'runs.sqlite'));
  onTestFinished(() => store.close());
  return store;
}

const merge = (store: RunStore, ...others: RunStore[]) =>
  mergeStores(
    store,
    others.map(({ path }) => path),
    (id) => makeReport(store, id),
  );

const WHOLE = newRun(50, { dataset: { ...newRun(50).dataset, sha256: sha256('these 50') } });
const FAILURE = { path: 'image 7.jpg', failure: { code: 'image-damaged', message: 'broken', next: '' } } as const;

/** A store that holds shard `index` of `count`: every image goes to one shard by its digest. */
function shardStore(index: number, count: number, finish = true, changes: Partial<NewRun> = {}, store = newStore()) {
  const images = WHOLE.dataset.images.filter(
    ({ path }) => Number(`0x${sha256(path).slice(0, 8)}`) % count === index - 1,
  );
  const writer = store.createRun({
    ...WHOLE,
    ...changes,
    dataset: { ...(changes.dataset ?? WHOLE.dataset), images },
    shard: { index, count },
  });
  if (images.some(({ path }) => path === FAILURE.path)) writer.write([FAILURE], 1);
  if (finish) doRest(writer, (changes.plans ?? PLANS).length);
  else writer.finish('cancelled');
  return store;
}

/** Digest of a dataset: one half of its images, one of its labels. */
function digestOf(images: string, labels: string): string {
  return sha256(images).slice(0, 32) + sha256(labels).slice(0, 32);
}

const NOTHING_NEW = { added: [], updated: [], failed: [], joined: [], waiting: [], differing: [] };

describe('mergeStores', () => {
  it('takes over whole runs, whatever ids the stores gave their parts', () => {
    const [target, other] = [newStore(), newStore()];
    const mine = completeRun(target, 3, { plans: [PLANS[0]!] });
    const unrelated = completeRun(other, 2, { model: { ...WHOLE.model, sha256: sha256('other model') } });
    const theirs = completeRun(other, 20, { dataset: { ...newRun(20).dataset, maps: '/maps' } });
    expect(merge(target, other).added.toSorted()).toEqual([unrelated, theirs].toSorted());
    expect(findRun(target, theirs).dataset.maps).toBe('/maps');
    for (const id of [unrelated, theirs]) {
      expect(findRun(target, id)).toEqual(findRun(other, id));
      expect(storedReport(target, id)).toEqual(storedReport(other, id));
      expect([...imageResults(target, id, 1)]).toEqual([...imageResults(other, id, 1)]);
    }
    expect([...imageResults(target, mine, 0)]).toHaveLength(3);
    expect(target.db.pragma('foreign_key_check')).toEqual([]);
  });

  it('takes over a run that stops at first successes as one: images lack results, and none is pending', () => {
    const [target, other] = [newStore(), newStore()];
    const writer = other.createRun(newRun(4, { firstSuccess: true }));
    for (const [index, { path }] of writer.pending().entries()) {
      const outcome = outcomeOf(path, 2);
      if ('failure' in outcome) throw new Error('no failure was meant');
      writer.write([{ ...outcome, results: outcome.results.slice(0, index % 3) }], 1);
    }
    expect(writer.pending()).toEqual([]);
    finishRun(writer);
    const [id] = merge(target, other).added;
    expect(findRun(target, id!)).toEqual(findRun(other, id!));
    expect(findRun(target, id!)).toMatchObject({ firstSuccess: true, status: 'complete', finished: 4 });
    const report = storedReport(target, id!)!;
    expect(report.plans.map(({ images }) => images)).toEqual([0, 0]);
    expect(report.policies.map(({ policy, images }) => [policy, images])).toEqual([
      ['oracle', 4],
      ['oracle', 4],
    ]);
    expect(target.resumeRun(id!).pending()).toEqual([]);
  });

  it('changes nothing when a file is merged again, and brings an unfinished run up to date', () => {
    const [target, other] = [newStore(), newStore()];
    const writer = other.createRun(newRun(6));
    writer.write(
      writer
        .pending()
        .slice(0, 2)
        .map(({ path }) => outcomeOf(path, 2)),
      1,
    );
    writer.finish('cancelled');
    merge(target, other);
    expect(findRun(target, writer.runId)).toMatchObject({ status: 'cancelled', finished: 2 });
    doRest(other.resumeRun(writer.runId), 2);
    expect(merge(target, other)).toMatchObject({ added: [], updated: [writer.runId] });
    expect(findRun(target, writer.runId)).toEqual(findRun(other, writer.runId));
    const before = target.db.serialize();
    expect(merge(target, other).added).toEqual([]);
    expect(target.db.serialize().equals(before)).toBe(true);
  });

  it('joins shards into the very run that was never cut', () => {
    const whole = newStore();
    const writer = whole.createRun(WHOLE);
    writer.write([FAILURE], 1);
    doRest(writer, 2);
    const target = newStore();
    const first = merge(target, shardStore(3, 3), shardStore(1, 3));
    expect(first.joined).toEqual([]);
    expect(first.waiting).toMatchObject([{ count: 3, missing: [2] }]);
    const { joined, waiting } = merge(target, shardStore(2, 3));
    expect(waiting).toEqual([]);
    const [run] = listRuns(target);
    expect(joined).toEqual([run!.id]);
    expect(listRuns(target)).toHaveLength(1);
    const expected = findRun(whole, writer.runId);
    expect(run).toMatchObject({
      status: 'complete',
      shard: null,
      images: 50,
      finished: 49,
      failed: 1,
      resultsSha256: expected.resultsSha256,
    });
    expect(storedReport(target, run!.id)).toEqual(storedReport(whole, writer.runId));
    expect(runFailures(target, run!.id)).toEqual(runFailures(whole, writer.runId));
    expect(target.db.pragma('foreign_key_check')).toEqual([]);
  });

  it('makes it from what the shards tell, which is what their results give', () => {
    const target = newStore();
    /** What is told of the run that is being joined, as its report asks for it. */
    const toldOf = (id: string) =>
      joinedParts(target, id, runImages(target, id), PLANS.length, runModel(target, id).layers);
    let told: ReturnType<typeof toldOf> = null;
    const { joined } = mergeStores(
      target,
      [shardStore(1, 3).path, shardStore(2, 3).path, shardStore(3, 3).path],
      (id) => {
        told = toldOf(id);
        makeReport(target, id);
      },
    );
    expect(told).toEqual({ part: readPart(target, joined[0]!), columns: readColumns(target, joined[0]!) });
    expect(toldOf(joined[0]!)).toBeNull();
  });

  it.each([
    ['otherwise, of which the store keeps those it had', (bits: number) => bits + 1, false],
    ['alike', (bits: number) => bits, true],
  ])('goes by the results that the store has, where it had some before that were measured %s', (_, altered, isTold) => {
    const target = newStore();
    const before = target.createRun(newRun(50));
    const outcomes = before.images().flatMap(({ path }) => {
      const outcome = outcomeOf(path, PLANS.length);
      if ('failure' in outcome) return [];
      const results = outcome.results.map((result) => ({
        ...result,
        layers: result.layers.map((layer) => ({ ...layer, lockstepBits: altered(layer.lockstepBits) })),
      }));
      return [{ ...outcome, results }];
    });
    before.write(outcomes.slice(0, 20), 1);
    before.finish('cancelled');
    expect(merge(target, shardStore(1, 2)).added).toHaveLength(1);
    expect(target.db.prepare('SELECT count(*) FROM run_parts').pluck().get()).toBe(Number(isTold));
    const [id] = merge(target, shardStore(2, 2)).joined;
    const { digests } = readPart(target, id!);
    expect(findRun(target, id!).resultsSha256).toBe(resultsDigest(digests).toString('hex'));
    const report = storedReport(target, id!);
    target.db.exec('DELETE FROM run_summaries');
    expect(report).toEqual(runReport(target, id!));
  });

  it('leaves shards as they are where the run they are joined into cannot be completed', () => {
    const target = newStore();
    const shards = [shardStore(1, 2), shardStore(2, 2)];
    const killed = () => {
      throw new Error('killed');
    };
    expect(() => mergeStores(target, [shards[0]!.path, shards[1]!.path], killed)).toThrow('killed');
    expect(listRuns(target).map(({ shard, status }) => [shard?.index, status])).toEqual([
      [2, 'complete'],
      [1, 'complete'],
    ]);
    expect(merge(target, ...shards).joined).toHaveLength(1);
    expect(listRuns(target)).toMatchObject([{ status: 'complete', finished: 49 }]);
  });

  it('leaves the run that shards were joined into as it is when they are merged again', () => {
    const shards = [shardStore(1, 2), shardStore(2, 2)];
    const target = newStore();
    const { added, joined } = merge(target, ...shards);
    expect([added, joined]).toEqual([expect.any(Array), [expect.stringMatching(/^merged-/)]]);
    expect(added).toHaveLength(2);
    target.renameRun(joined[0]!, 'my run');
    target.noteRun(joined[0]!, 'my note');
    const before = target.db.serialize();
    expect(merge(target, ...shards)).toEqual(NOTHING_NEW);
    expect(merge(target, shards[1]!)).toEqual(NOTHING_NEW);
    expect(target.db.serialize().equals(before)).toBe(true);
  });

  it('takes from a shard that is merged again an image that had failed', () => {
    const shards = [shardStore(1, 2), shardStore(2, 2)];
    const target = newStore();
    const [id] = merge(target, ...shards).joined;
    target.renameRun(id!, 'my run');
    expect(findRun(target, id!)).toMatchObject({ finished: 49, failed: 1 });
    for (const shard of shards) doRest(shard.resumeRun(listRuns(shard)[0]!.id), 2);
    expect(merge(target, ...shards)).toMatchObject({ added: [expect.any(String)], joined: [id], waiting: [] });
    const whole = newStore();
    const expected = findRun(whole, completeRun(whole, 50, WHOLE));
    expect(listRuns(target)).toEqual([
      expect.objectContaining({ id, name: 'my run', finished: 50, failed: 0, resultsSha256: expected.resultsSha256 }),
    ]);
    expect(storedReport(target, id!)).toEqual(storedReport(whole, expected.id));
    expect(target.db.pragma('foreign_key_check')).toEqual([]);
  });

  it('gives a joined run that was resumed and stopped what it waits for', () => {
    const shards = [shardStore(1, 2), shardStore(2, 2)];
    const target = newStore();
    const [id] = merge(target, ...shards).joined;
    target.resumeRun(id!).finish('cancelled');
    expect(merge(target, ...shards)).toMatchObject({ added: [], joined: [] });
    for (const shard of shards) doRest(shard.resumeRun(listRuns(shard)[0]!.id), 2);
    merge(target, ...shards);
    expect(findRun(target, id!)).toMatchObject({ status: 'complete', finished: 50, failed: 0 });
  });

  it('does not touch a run that is being worked on here', () => {
    const [target, other] = [newStore(), newStore()];
    const writer = other.createRun(newRun(6));
    writer.finish('cancelled');
    expect(merge(target, other).added).toEqual([writer.runId]);
    const here = target.resumeRun(writer.runId);
    doRest(other.resumeRun(writer.runId), 2);
    expect(merge(target, other)).toMatchObject({ added: [], updated: [] });
    doRest(here, 2);
    expect(findRun(target, writer.runId).status).toBe('complete');
  });

  it('takes a run that is being worked on elsewhere for one that nobody works on here', () => {
    const [target, other] = [newStore(), newStore()];
    const { runId } = other.createRun(newRun(6));
    merge(target, other);
    expect([findRun(other, runId).status, findRun(target, runId).status]).toEqual(['running', 'interrupted']);
  });

  it('refuses to merge a store into itself, at once, by whatever name', () => {
    const target = newStore();
    const link = join(temporaryFolder(), 'link.sqlite');
    symlinkSync(target.path, link);
    for (const file of [target.path, link])
      expect(() => mergeStores(target, [file], () => undefined)).toThrow(
        expect.objectContaining({ code: 'bad-argument', message: expect.stringContaining('is the store itself') }),
      );
  });

  it('waits for shards that are not complete, and keeps shards of other evaluations apart', () => {
    const target = newStore();
    const { waiting } = merge(target, shardStore(1, 2), shardStore(2, 2, false), shardStore(1, 3));
    expect(waiting.map(({ count, missing }) => [count, missing])).toEqual([
      [2, [2]],
      [3, [2, 3]],
    ]);
    expect(listRuns(target)).toHaveLength(3);
  });

  it('refuses a file that is missing or no store, before anything is changed', () => {
    const target = newStore();
    expect(() => mergeStores(target, ['/nowhere.sqlite'], () => undefined)).toThrow('no such file');
    const text = join(temporaryFolder({ 'a.txt': 'a text, not a store' }), 'a.txt');
    expect(() => mergeStores(target, [text], () => undefined)).toThrow(
      expect.objectContaining({ code: 'store-damaged' }),
    );
    expect(merge(target, shardStore(1, 2)).added).toHaveLength(1);
  });

  it('takes all stores of a folder but itself, and joins in place what one store has', () => {
    const folder = temporaryFolder();
    const opened = (name: string) => {
      const store = openRunStore(join(folder, name));
      onTestFinished(() => store.close());
      return store;
    };
    for (const index of [1, 2, 10]) shardStore(index === 10 ? 3 : index, 3, true, {}, opened(`${index}.sqlite`));
    const target = opened('all.sqlite');
    expect(mergeStores(target, [folder], (id) => makeReport(target, id))).toMatchObject({
      joined: [expect.stringMatching(/^merged-/)],
      failed: [],
    });
    const one = newStore();
    for (const index of [1, 2]) shardStore(index, 2, true, {}, one);
    expect(mergeStores(one, [], (id) => makeReport(one, id)).joined).toHaveLength(1);
    expect(() => mergeStores(target, [temporaryFolder()], () => undefined)).toThrow('the folder has no stores');
  });

  it.each<[string, Partial<NewRun>]>([
    ['model', { model: { ...WHOLE.model, sha256: sha256('other model') } }],
    ['way the model is fed, or calibrated ranges', { model: { ...WHOLE.model, settings: { ranges: null } } }],
    ['plans', { plans: [PLANS[0]!] }],
    ['images', { dataset: { ...WHOLE.dataset, sha256: digestOf('other images', 'labels') } }],
    ['labels', { dataset: { ...WHOLE.dataset, sha256: digestOf('images', 'other labels') } }],
    ['seed', { seed: 2 }],
  ])('does not join shards of another %s, and says so', (differs, changes) => {
    const target = newStore();
    const dataset = { ...WHOLE.dataset, sha256: digestOf('images', 'labels') };
    const shards = [1, 2, 3].map((index) =>
      shardStore(index, 3, true, index === 2 ? { dataset, ...changes } : { dataset }),
    );
    const { joined, differing } = merge(target, ...shards);
    expect([joined, differing]).toEqual([
      [],
      [{ name: WHOLE.name, count: 3, shards: [2], others: [1, 3], differs: [differs] }],
    ]);
  });

  it('does not join shards of another version of the results', () => {
    const [target, older] = [newStore(), shardStore(2, 2)];
    older.db.exec('UPDATE series SET results_version = results_version - 1');
    expect(merge(target, shardStore(1, 2), older).differing).toMatchObject([{ differs: ['version of the results'] }]);
  });

  it('takes a shard once, however often it was done', () => {
    const id = 'shard-1-of-2-abcdef';
    const [first, again, second] = [shardStore(1, 2, false, { id }), shardStore(1, 2, true, { id }), shardStore(2, 2)];
    const target = newStore();
    expect(merge(target, first, again, again, second, shardStore(1, 2)).joined).toHaveLength(1);
    expect(listRuns(target)).toMatchObject([{ images: 50, finished: 49, failed: 1 }]);
    expect(target.db.pragma('foreign_key_check')).toEqual([]);
  });

  it('leaves out a store that was cut off, and takes the others', () => {
    const folder = temporaryFolder();
    const opened = openRunStore(join(folder, 'whole.sqlite'));
    shardStore(1, 2, true, {}, opened);
    opened.close();
    copyFileSync(opened.path, join(folder, 'cut.sqlite'));
    truncateSync(join(folder, 'cut.sqlite'), 40 * 1024);
    const target = newStore();
    expect(mergeStores(target, [folder], () => undefined)).toMatchObject({
      added: [expect.any(String)],
      failed: [{ path: join(folder, 'cut.sqlite'), reason: expect.stringContaining('damaged') }],
      waiting: [{ missing: [2] }],
    });
    expect(target.db.pragma('integrity_check', { simple: true })).toBe('ok');
  });
});
