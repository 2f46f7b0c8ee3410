import { basename, join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { COMPARISON, RunImage } from '../../src-shared/contract/comparison.ts';
import { defaultPricing } from '../../src-shared/energy/price-order.ts';
import { FoveaError, fromErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import { nameOf } from '../../src-shared/outcomes/plan-rows.ts';
import { encodeColumns } from '../../src-shared/runs/comparison-columns.ts';
import type { Work } from '../../src-shared/work.ts';
import { fileDigest } from '../files/digest.ts';
import { comparableRuns, imageDigestOf, listRunsToShow } from '../store/run-list.ts';
import { findRun, runImage, runPlans } from '../store/run-query.ts';
import { storeOf } from './store-of.ts';
import { compareSides } from '../work/compare-runs.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';
import { KEPT_PREVIEW_SIDE, noModel } from './runs-handlers.ts';

export function comparisonHandlers({
  bench,
  kept,
  shelf,
  images,
}: Pick<HostParts, 'bench' | 'kept' | 'shelf' | 'images'>): HandlersOf<typeof COMPARISON> {
  const withStore = storeOf(bench);

  /** The file as it was when it was measured, else what is kept of it. */
  const findImage = async (file: string, digest: string, work: Work): Promise<RunImage> => {
    try {
      if ((await digestOf(file)) !== digest) throw changedImage(file);
      const named = { path: file, name: basename(file), ownPlace: kept.holds(file) };
      const { images: found, failed } = await shelf.open([named], noModel, work);
      if (found[0]) return { kind: 'original', image: found[0] };
      throw failed[0] ? fromErrorRecord(failed[0].error) : missingImage(file);
    } catch (thrown) {
      const preview = await kept.preview(digest);
      if (preview === null) return { kind: 'missing', error: toErrorRecord(thrown) };
      return { kind: 'preview', preview: await images.picture(preview, KEPT_PREVIEW_SIDE, 'preview') };
    }
  };

  return {
    'runs.listed': () => withStore(listRunsToShow),
    'runs.comparable': ({ runId }) => withStore((store) => comparableRuns(store, runId)),
    'runs.compare': async ({ sides }, work) => {
      // Who chooses one run after the other cancels each comparison but the last: those that wait in line are not begun.
      await setImmediate();
      work.signal.throwIfAborted();
      return withStore((store) => {
        const { paired, ...compared } = compareSides(store, sides, defaultPricing());
        const planNames = compared.sides.map(({ run }) => runPlans(store, run.id).map(nameOf));
        return { ...compared, planNames, columns: encodeColumns(paired) };
      });
    },
    'runs.image': async ({ runId, image }, work) => {
      const { file, digest } = await withStore((store) => {
        const path = runImage(store, runId, image);
        return { file: join(findRun(store, runId).dataset.path, path), digest: imageDigestOf(store, runId, path) };
      });
      return findImage(file, digest, work);
    },
    'runs.update': ({ runId, name, note, ...marks }) =>
      withStore((store) => {
        // What another window deleted is marked no more, although its rows are there for a while.
        findRun(store, runId);
        if (name !== undefined) store.renameRun(runId, name);
        if (note !== undefined) store.noteRun(runId, note);
        store.markRun(runId, marks);
        return null;
      }),
    'runs.restore': ({ runId }) =>
      withStore((store) => {
        store.restoreRun(runId);
        return null;
      }),
  };
}

async function digestOf(file: string): Promise<string> {
  try {
    return await fileDigest(file);
  } catch (error) {
    throw missingImage(file, error);
  }
}

function missingImage(file: string, cause?: unknown): FoveaError {
  const next = 'Put it back to see it; its results are kept.';
  return new FoveaError('image-missing', `${file}: cannot be read`, next, { cause });
}

function changedImage(file: string): FoveaError {
  return new FoveaError(
    'image-missing',
    `${file}: is another image than the one that was measured`,
    'Put the original back to see it; its results are kept.',
  );
}
