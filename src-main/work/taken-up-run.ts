import { FoveaError } from '../../src-shared/errors.ts';
import type { Work } from '../../src-shared/work.ts';
import { type Again, earlierRun, runningRun, sameRunAtWork, unfinishedRun } from '../store/earlier-run.ts';
import { isOwnerGone, ownerElsewhere, untilAtRest } from '../store/owner-elsewhere.ts';
import { listRuns } from '../store/run-query.ts';
import type { NewRun, RunStore } from '../store/run-store.ts';
import type { RunWriter } from '../store/run-writer.ts';
import type { Bench } from './bench.ts';
import { mergeInto } from './merge-runs.ts';

/**
 * What is gone on with: an earlier run of the same order, or only one that has not been finished; then one that a process is at work on is
 * waited for. Where it is to be refused, one at work is an error.
 */
export type TakeUp = Again | 'unfinished' | 'refused';

/** Where runs are kept, and who asks for one. */
interface Place {
  readonly store: RunStore;
  readonly bench: Bench;
  readonly work: Work;
}

/** By path of an image; null of one that cannot be read. */
type Digests = ReadonlyMap<string, string | null>;

/**
 * A run of an order: a new one, or the earlier one that is to be gone on with.
 * @param digests of the images, which tell whether an unfinished run is of them
 */
export async function ownRun(
  place: Place,
  run: NewRun,
  again: TakeUp | undefined,
  digests: () => Promise<Digests>,
): Promise<RunWriter> {
  const { store, bench } = place;
  // What is to be measured anew is measured beside others, too.
  const isOnce = again === 'refused' || (again === 'unfinished' && bench.measurements !== null);
  for (;;) {
    const atWork = isOnce ? sameRunAtWork(store, run) : null;
    const id = atWork === null ? await earlier(place, run, again, digests) : await followed(place, atWork, again);
    const writer = id === null ? begun(store, run, isOnce) : takenUp(store, id, run, isOnce);
    if (writer) return writer;
  }
}

/** @param isOnce not where another has begun the same meanwhile: null then */
function begun(store: RunStore, run: NewRun, isOnce: boolean): RunWriter | null {
  if (!isOnce) return store.createRun(run);
  return store.write(() => (sameRunAtWork(store, run) === null ? store.createRun(run) : null));
}

/** @param isOnce not where another has gone on with it meanwhile: null then */
function takenUp(store: RunStore, id: string, run: NewRun, isOnce: boolean): RunWriter | null {
  try {
    return store.resumeRun(id, undefined, run.dataset.maps);
  } catch (error) {
    if (isOnce && store.isAtWork(id)) return null;
    throw error;
  }
}

/**
 * The very same order that a process is at work on is not done beside it: it is waited for, and then told.
 * @returns its id, once it is at rest; null where it has been deleted
 * @throws FoveaError `not-allowed` where it is refused instead, `cancelled`
 */
async function followed({ store, work }: Place, id: string, again: TakeUp | undefined): Promise<string | null> {
  if (again === 'refused')
    throw new FoveaError(
      'not-allowed',
      `run ${id} is at work on the very same: name, model, plans and images`,
      'Look at that one, or give this one another name.',
    );
  work.note({ note: 'follows', run: id, owner: store.ownerOf(id)?.owner ?? '' });
  await untilAtRest(store, id, work).catch((error: unknown) => {
    throw cancelledOr(error, work);
  });
  return listRuns(store).some((run) => run.id === id) ? id : null;
}

/** Goes on with a run that any task makes alike, whichever of them began it. */
export async function sharedRun(
  { store, bench, work }: Place,
  run: NewRun,
  id: string,
  takenFrom: string | undefined,
): Promise<RunWriter> {
  if (takenFrom !== undefined && store.statusOf(id) === null) {
    mergeInto(store, [takenFrom]);
    if (store.statusOf(id) === null)
      throw new FoveaError(
        'run-unknown',
        `${takenFrom}: holds no search of this order`,
        'Give what made it the same folder, labels, model, name and options, and --search-only.',
      );
  }
  const status = store.statusOf(id);
  if (status === null) return store.createRun({ ...run, id });
  // What is complete is measured anew, if that is wanted, in another run.
  if (status === 'complete' && !bench.measurements) return store.createRun(run);
  await waitForOwner(store, id, work);
  try {
    const writer = store.resumeRun(id, run.dataset.path, run.dataset.maps);
    store.restoreRun(id);
    return writer;
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== 'store-locked') throw error;
    const next = `Give each task a store of its own with --db, and join them with fovea runs merge. ${error.next}`;
    throw new FoveaError(error.code, error.message, next, { cause: error });
  }
}

async function earlier(
  { store, bench, work }: Place,
  run: NewRun,
  again: TakeUp | undefined,
  digests: () => Promise<Digests>,
): Promise<string | null> {
  if (!again || again === 'refused' || !bench.measurements) return null;
  if (again !== 'unfinished') {
    await waitForOwner(store, runningRun(store, run, again.grows), work);
    return earlierRun(store, run, again);
  }
  const id = await unfinishedRun(store, run, digests);
  if (id !== null) work.note({ note: 'goes-on', run: id });
  return id;
}

/** A run in the hands of a process of another host: it is gone on with once that process is known to be gone. */
async function waitForOwner(store: RunStore, runId: string | null, { note, signal }: Work): Promise<void> {
  const owner = runId === null ? null : ownerElsewhere(store, runId);
  if (runId === null || owner === null) return;
  note({ note: 'waits-for-owner', run: runId, owner });
  await isOwnerGone(store, runId, { signal }).catch((error: unknown) => {
    throw cancelledOr(error, { signal });
  });
}

const cancelledOr = (error: unknown, { signal }: Pick<Work, 'signal'>) =>
  signal.aborted ? new FoveaError('cancelled', 'cancelled') : error;
