import { FoveaError } from '../../src-shared/errors.ts';
import type { Work } from '../../src-shared/work.ts';
import { type Again, earlierRun, runningRun, unfinishedRun } from '../store/earlier-run.ts';
import { isOwnerGone, ownerElsewhere } from '../store/owner-elsewhere.ts';
import type { NewRun, RunStore } from '../store/run-store.ts';
import type { RunWriter } from '../store/run-writer.ts';
import type { Bench } from './bench.ts';
import { mergeInto } from './merge-runs.ts';

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
  { store, bench, work }: Place,
  run: NewRun,
  again: Again | 'unfinished' | undefined,
  digests: () => Promise<Digests>,
): Promise<RunWriter> {
  const id = await earlier({ store, bench, work }, run, again, digests);
  return id === null ? store.createRun(run) : store.resumeRun(id, undefined, run.dataset.maps);
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
  again: Again | 'unfinished' | undefined,
  digests: () => Promise<Digests>,
): Promise<string | null> {
  if (!again || !bench.measurements) return null;
  await waitForOwner(store, runningRun(store, run, again !== 'unfinished' && again.grows), work);
  if (again !== 'unfinished') return earlierRun(store, run, again);
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
    throw signal.aborted ? new FoveaError('cancelled', 'cancelled') : error;
  });
}
