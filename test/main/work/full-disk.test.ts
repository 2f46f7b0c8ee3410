import type Sqlite from 'better-sqlite3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { findRun, listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { evaluate } from '../../../src-main/work/evaluate.ts';
import { mergeRuns } from '../../../src-main/work/merge-runs.ts';
import { fakeBench, heardWork } from '../fake-bench.ts';
import { completeRun, doRest, newRun, outcomeOf, PLANS, sha256 } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Pages that the disk has room for. */
const disk = vi.hoisted(() => ({ pages: 0 }));
const ROOM = 1_000_000;

vi.mock('better-sqlite3', async (original) => {
  const { default: Database } = await original<{ default: typeof Sqlite }>();
  return {
    default: class extends Database {
      constructor(...given: ConstructorParameters<typeof Database>) {
        super(...given);
        this.pragma(`max_page_count = ${disk.pages}`);
      }
    },
  };
});

const IMAGES = 40;

it.each([
  ['run', null, 1],
  ['shard', { index: 1, count: 2 }, 4],
])(
  'a disk that is full at any stage of a %s is told of; with room, the same order goes on to the same results',
  async (_, shard, step) => {
    const folder = temporaryFolder();
    const root = join(folder, 'photos');
    mkdirSync(root);
    for (let image = 0; image < IMAGES * (shard?.count ?? 1); image++)
      writeFileSync(join(root, `${image}.jpg`), join(root, `${image}.jpg`));
    const order = {
      model: { id: 'tiny', path: '/models/tiny.onnx', embedded: false },
      images: { folder: root, labels: 'none' },
      detail: 'basic',
      seed: 1,
      shard,
      plans: () => PLANS,
      again: 'unfinished',
    } as const;
    /** A command of its own: it opens all anew. */
    const called = (place: string) => {
      mkdirSync(place, { recursive: true });
      const bench = fakeBench(place, {
        evaluate: ({ images, plans }) => images.map(({ path }) => outcomeOf(path, plans.length)),
      });
      const { db } = bench;
      const ended = evaluate(bench, order, heardWork()).finally(() => bench.close());
      return { db, ended };
    };
    const runsIn = (db: string) => {
      const { pages } = disk;
      disk.pages = ROOM;
      using store = openRunStore(db);
      disk.pages = pages;
      // As if the process of the command had ended.
      store.db.exec("UPDATE runs SET owner_token = 'ended'");
      return listRuns(store);
    };

    disk.pages = ROOM;
    const { run: whole } = await called(join(folder, 'whole')).ended;
    const met = new Set<string>();
    let done = 0;
    for (disk.pages = 1; ; disk.pages += step) {
      const { db, ended } = called(join(folder, 'full'));
      const failure = await ended.then(
        () => null,
        (error: unknown) => error,
      );
      const runs = runsIn(db);
      if (failure === null) break;
      expect(failure).toMatchObject({ code: 'store-full', next: expect.stringContaining('Make room') });
      expect(runs.length).toBeLessThanOrEqual(1);
      const finished = runs[0]?.finished ?? 0;
      expect(finished).toBeGreaterThanOrEqual(done);
      done = finished;
      met.add(
        runs.length === 0 ? 'before it begins' : done === 0 ? 'begun' : done < IMAGES ? 'half done' : 'counting up',
      );
    }
    expect([...met]).toEqual(expect.arrayContaining(['before it begins', 'begun', 'counting up']));
    expect(runsIn(join(folder, 'full', 'runs.sqlite'))).toMatchObject([
      { status: 'complete', finished: IMAGES, resultsSha256: whole.resultsSha256 },
    ]);
  },
);

it('a disk that is full at any stage of a merge is told of; with room, the shards are joined into the same run', () => {
  const folder = temporaryFolder();
  disk.pages = ROOM;
  for (const index of [1, 2]) {
    using store = openRunStore(join(folder, 'shards', `${index}.sqlite`));
    const run = newRun(2 * IMAGES, { shard: { index, count: 2 } });
    const images = run.dataset.images.filter((_, at) => at % 2 === index - 1);
    doRest(
      store.createRun({ ...run, dataset: { ...run.dataset, images, sha256: sha256('all of these') } }),
      PLANS.length,
    );
  }
  using whole = openRunStore(join(folder, 'whole.sqlite'));
  const { resultsSha256 } = findRun(whole, completeRun(whole, 2 * IMAGES));
  const db = join(folder, 'merged.sqlite');
  const met = new Set<number>();
  for (disk.pages = 1; ; disk.pages++)
    try {
      // The stores that are read are full, too: nothing is written to them.
      mergeRuns({ db }, [join(folder, 'shards')]);
      break;
    } catch (error) {
      expect(error).toMatchObject({ code: 'store-full', next: expect.stringContaining('Make room') });
      const { pages } = disk;
      disk.pages = ROOM;
      using store = openRunStore(db);
      disk.pages = pages;
      met.add(listRuns(store).length);
    }
  // None is there, one shard, both of them.
  expect(met).toEqual(new Set([0, 1, 2]));
  disk.pages = ROOM;
  using merged = openRunStore(db);
  expect(listRuns(merged)).toMatchObject([{ status: 'complete', finished: 2 * IMAGES, resultsSha256 }]);
});
