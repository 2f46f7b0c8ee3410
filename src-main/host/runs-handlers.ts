import { basename, join, parse, relative } from 'node:path';
import type { RunImage, RUNS } from '../../src-shared/contract/runs.ts';
import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { FoveaError, fromErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { encodeColumns } from '../../src-shared/runs/comparison-columns.ts';
import type { Work } from '../../src-shared/work.ts';
import { fileDigest } from '../files/digest.ts';
import { comparableRuns, imageDigestOf, listRunsToShow } from '../store/run-list.ts';
import { compareSides } from '../work/compare-runs.ts';
import { checkPlanLayers } from '../work/plan-layers.ts';
import { findRun, runFailures, runImages } from '../store/run-query.ts';
import { openRunStore, type RunStore } from '../store/run-store.ts';
import type { Images } from '../work/evaluator.ts';
import { runReport } from '../work/run-report.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './files-handlers.ts';
import type { HostParts } from './host-parts.ts';

/** Pixels of the longer side of a preview that is kept in place of an original. */
const KEPT_PREVIEW_SIDE = 512;
/** A deleted run can be brought back for so long at least. */
const UNDO_MILLISECONDS = 10 * 60_000;

export function runsHandlers({ bench, jobs, kept, shelf, uploads, images }: HostParts): HandlersOf<typeof RUNS> {
  const locate = located(uploads);
  const withStore = async <Result>(action: (store: RunStore) => Promise<Result> | Result): Promise<Result> => {
    using store = openRunStore(bench.db);
    return await action(store);
  };

  /** The images of a page, those that it sent kept where they outlive it. */
  const keptImages = async (imageIds: readonly string[]): Promise<Images> => {
    const paths = new Set<string>();
    for (const imageId of imageIds) {
      const { path, entry } = shelf.find(imageId);
      paths.add(uploads?.holds(path) ? await kept.keep(path, entry.name) : path);
    }
    const folder = commonFolder([...paths]);
    return {
      root: folder,
      labels: { kind: 'none' },
      images: [...paths].map((path) => ({ path: relative(folder, path).replaceAll('\\', '/'), label: null })),
    };
  };

  /** Once a run is complete, previews take the place of its originals. */
  const reduce = async (runId: string) => {
    if ((await jobs.ended(runId))?.status !== 'complete') return;
    await withStore(async (store) => {
      const { path: root } = findRun(store, runId).dataset;
      for (const path of runImages(store, runId).map((image) => join(root, image)))
        if (kept.holds(path)) await kept.reduce(path, (await images.picture(path, KEPT_PREVIEW_SIDE, 'preview')).bytes);
    });
  };

  /** The file as it was when it was measured, else what is kept of it. */
  const findImage = async (file: string, digest: string, work: Work): Promise<RunImage> => {
    try {
      if ((await fileDigest(file)) !== digest) throw changedImage(file);
      const named = { path: file, name: basename(file), ownPlace: kept.holds(file) };
      const { images: found, failed } = await shelf.open([named], noModel, work);
      if (found[0]) return { kind: 'original', image: found[0] };
      throw failed[0] ? fromErrorRecord(failed[0].error) : missingImage(file);
    } catch (thrown) {
      const preview = await kept.preview(digest);
      if (preview !== null)
        return { kind: 'preview', preview: await images.picture(preview, KEPT_PREVIEW_SIDE, 'preview') };
      const error = thrown instanceof FoveaError ? thrown : missingImage(file);
      return { kind: 'missing', error: toErrorRecord(error) };
    }
  };

  return {
    'runs.list': () => withStore(listRunsToShow),
    'runs.comparable': ({ runId }) => withStore((store) => comparableRuns(store, runId)),
    'runs.compare': ({ sides, seed }) =>
      withStore((store) => {
        const options = { seed, accelerators: builtinAccelerators() };
        const { paired, ...compared } = compareSides(store, sides, options);
        return { ...compared, columns: encodeColumns(paired) };
      }),
    'runs.image': async ({ runId, path }, work) => {
      const { root, digest } = await withStore((store) => ({
        root: findRun(store, runId).dataset.path,
        digest: imageDigestOf(store, runId, path),
      }));
      return findImage(join(root, path), digest, work);
    },
    'runs.update': ({ runId, name, note, ...marks }) =>
      withStore((store) => {
        if (name !== undefined) store.renameRun(runId, name);
        if (note !== undefined) store.noteRun(runId, note);
        store.markRun(runId, marks);
        return null;
      }),
    'runs.delete': ({ runIds }) =>
      withStore((store) => {
        store.purgeRuns(Date.now() - UNDO_MILLISECONDS);
        store.hideRuns(runIds);
        return null;
      }),
    'runs.restore': ({ runIds }) =>
      withStore((store) => {
        store.restoreRuns(runIds);
        return null;
      }),
    'runs.jobs': () => jobs.list(),
    'runs.start': async ({ name, images: wanted, modelId, plans, counts, keep }) => {
      const resolved = plans.map(resolvePlan);
      const model = bench.library.find(modelId);
      const job = jobs.start({
        name,
        model,
        images:
          'folder' in wanted
            ? { folder: locate(wanted.folder).path, labels: wanted.labels ?? undefined }
            : await keptImages(wanted.imageIds),
        plans: ({ layers }) => {
          checkPlanLayers(resolved, layers);
          return resolved;
        },
        detail: counts ? 'full' : 'basic',
        seed: resolved[0]!.seed,
      });
      // A preview that cannot be made leaves the original.
      if (keep === 'previews') reduce(job.runId).catch(() => undefined);
      return job;
    },
    'runs.resume': ({ runId }) => jobs.resume(runId),
    'runs.stop': async ({ runId }) => {
      await jobs.stop(runId);
      return null;
    },
    'runs.report': ({ runId }) =>
      withStore((store) => {
        const run = findRun(store, runId);
        return { run, report: runReport(store, run.id), failed: runFailures(store, run.id) };
      }),

    'kept.list': () => withStore((store) => kept.list(store)),
    'kept.remove': ({ runId }) =>
      withStore(async (store) => {
        if (store.isAtWork(runId)) throw new FoveaError('not-allowed', `run ${runId} is at work`, 'Stop it first.');
        await kept.remove(store, runId);
        return kept.list(store);
      }),
  };
}

function noModel(): never {
  throw new FoveaError('bad-argument', 'an image of a run is no model');
}

function missingImage(file: string): FoveaError {
  return new FoveaError('image-missing', `${file}: cannot be found`, 'Put it back to see it; its results are kept.');
}

function changedImage(file: string): FoveaError {
  return new FoveaError(
    'image-missing',
    `${file}: is another image than the one that was measured`,
    'Put the original back to see it; its results are kept.',
  );
}

function commonFolder(paths: readonly string[]): string {
  return paths
    .map((path) => parse(path).dir)
    .reduce((folder, other) => {
      let common = folder;
      while (relative(common, other).startsWith('..')) common = parse(common).dir;
      return common;
    });
}
