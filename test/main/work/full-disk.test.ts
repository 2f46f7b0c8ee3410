import type Sqlite from 'better-sqlite3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { evaluate } from '../../../src-main/work/evaluate.ts';
import { fakeBench, heardWork } from '../fake-bench.ts';
import { outcomeOf, PLANS } from '../store/stored-runs.ts';
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

it('a disk that is full at any stage of a run is told of; with room, the same order goes on to the same results', async () => {
  const folder = temporaryFolder();
  const root = join(folder, 'photos');
  mkdirSync(root);
  for (let image = 0; image < IMAGES; image++) writeFileSync(join(root, `${image}.jpg`), join(root, `${image}.jpg`));
  const order = {
    model: { id: 'tiny', path: '/models/tiny.onnx', embedded: false },
    images: { folder: root, labels: 'none' },
    detail: 'basic',
    seed: 1,
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
  for (disk.pages = 1; ; disk.pages++) {
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
});
