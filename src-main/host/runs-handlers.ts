import { basename, join, parse, relative } from 'node:path';
import type { RUNS } from '../../src-shared/contract/runs.ts';
import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import { sentColumns } from '../../src-shared/outcomes/outcome-columns.ts';
import { optionsOfPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { checkPlanLayers } from '../work/plan-layers.ts';
import { findRun, listRuns, runFailures, runImage, runImages, runModel, runPlans } from '../store/run-query.ts';
import { newRunId } from '../store/run-identity.ts';
import type { RunStore } from '../store/run-store.ts';
import { storeOf } from './store-of.ts';
import { releaseKeptImages } from '../work/release-kept-images.ts';
import { checkFolder } from '../work/check-folder.ts';
import type { Images } from '../work/evaluator.ts';
import { mergeRuns } from '../work/merge-runs.ts';
import { readColumns } from '../work/read-columns.ts';
import { runReport } from '../work/run-report.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './files-handlers.ts';
import type { HostParts } from './host-parts.ts';

/** Pixels of the longer side of a preview that is kept in place of an original. */
export const KEPT_PREVIEW_SIDE = 512;
/** A deleted run can be brought back for so long at least. */
const UNDO_MILLISECONDS = 10 * 60_000;

export function runsHandlers({ bench, jobs, kept, shelf, uploads, images }: HostParts): HandlersOf<typeof RUNS> {
  const locate = located(uploads);
  const withStore = storeOf(bench);

  /** The images of a page, those that it sent kept where they outlive it. */
  const keptImages = async (imageIds: readonly string[], runId: string): Promise<Images> => {
    const paths = new Set<string>();
    for (const imageId of imageIds) {
      const { path, entry } = shelf.find(imageId);
      paths.add(uploads?.holds(path) ? await kept.keep(bench.db, runId, path, entry.name) : path);
    }
    const folder = commonFolder([...paths]);
    return {
      root: folder,
      labels: { kind: 'none' },
      images: [...paths].map((path) => ({ path: relative(folder, path).replaceAll('\\', '/'), label: null })),
    };
  };

  /** Once a run has ended: nothing is kept for one that never began, and previews take the place of originals where they are wanted. */
  const afterwards = async (runId: string, keep: 'originals' | 'previews') => {
    const status = (await jobs.ended(runId))?.status;
    await withStore(async (store) => {
      await kept.forget(store, [runId]);
      if (keep === 'originals' || status !== 'complete') return;
      const { path: root } = findRun(store, runId).dataset;
      for (const path of runImages(store, runId).map((image) => join(root, image)))
        if (kept.holds(path)) {
          const { bytes } = await images.picture(path, KEPT_PREVIEW_SIDE, 'preview');
          await kept.reduce(path, bytes);
        }
    });
  };

  /** Where an image of a run lies. */
  const imageOf = (store: RunStore, runId: string, image: number) => {
    const path = join(findRun(store, runId).dataset.path, runImage(store, runId, image));
    return { path, name: basename(path), ownPlace: kept.holds(path) || uploads?.holds(path) === true };
  };

  return {
    'runs.list': () => withStore(listRuns),
    'runs.jobs': () => jobs.list(),
    'runs.start': async ({ name, images: wanted, modelId, plans, counts, keep, workers }) => {
      const resolved = plans.map(resolvePlan);
      const model = bench.library.find(modelId);
      const runId = newRunId();
      const chosen =
        'folder' in wanted
          ? { folder: locate(wanted.folder).path, labels: wanted.labels ?? undefined }
          : await keptImages(wanted.imageIds, runId).catch(async (error: unknown) => {
              await kept.remove(runId);
              throw error;
            });
      const job = jobs.start({
        runId,
        name,
        model,
        images: chosen,
        plans: ({ layers }) => {
          checkPlanLayers(resolved, layers);
          return resolved;
        },
        detail: counts ? 'full' : 'basic',
        seed: resolved[0]!.seed,
        workers,
      });
      const tidied = 'imageIds' in wanted ? afterwards(runId, keep) : Promise.resolve();
      // A preview that cannot be made leaves the original, and what is not swept now is swept at the next start.
      tidied.catch(() => undefined);
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

    'runs.check': ({ folder, labels, modelId }, work) =>
      checkFolder(bench, { folder: locate(folder).path, labels, model: bench.library.find(modelId) }, work),
    'runs.classes': ({ runId }) => withStore((store) => runModel(store, findRun(store, runId).id).labels),
    'runs.columns': ({ runId }) => withStore((store) => sentColumns(readColumns(store, findRun(store, runId).id))),
    'runs.thumbnail': ({ runId, image, maxSide }) =>
      withStore((store) => images.picture(imageOf(store, runId, image).path, maxSide, 'thumbnail')),
    'runs.open': ({ runId, image, plan }, work) =>
      withStore(async (store) => {
        const { model } = findRun(store, runId);
        const options = runPlans(store, runId)[plan];
        if (!options) throw new FoveaError('bad-argument', `run ${runId} has no plan ${plan + 1}`);
        const opened = await shelf.open([imageOf(store, runId, image)], noModel, work);
        if (opened.failed[0]) throw fromErrorRecord(opened.failed[0].error);
        return {
          image: opened.images[0]!,
          modelId: bench.library.find(model.path).id,
          plan: optionsOfPlan(options),
        };
      }),
    'runs.delete': ({ runId }) =>
      withStore(async (store) => {
        await kept.forget(store, store.purgeRuns(Date.now() - UNDO_MILLISECONDS));
        store.hideRun(findRun(store, runId).id);
        return null;
      }),
    'runs.merge': ({ files }) =>
      mergeRuns(
        bench,
        files.map((file) => locate(file).path),
      ),

    'kept.list': () => withStore((store) => kept.list(store)),
    'kept.remove': ({ runId }) => withStore((store) => releaseKeptImages(store, kept, runId)),
  };
}

/** For a shelf on which only images are put. */
export function noModel(path: string): never {
  throw new FoveaError('not-allowed', `${path} is no image`);
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
