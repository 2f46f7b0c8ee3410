import { join, parse, relative } from 'node:path';
import type { RUNS } from '../../src-shared/contract/runs.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { checkPlanLayers } from '../work/plan-layers.ts';
import { findRun, listRuns, runFailures, runImages } from '../store/run-query.ts';
import { openRunStore, type RunStore } from '../store/run-store.ts';
import type { Images } from '../work/evaluator.ts';
import { runReport } from '../work/run-report.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './files-handlers.ts';
import type { HostParts } from './host-parts.ts';

/** Pixels of the longer side of a preview that is kept in place of an original. */
const KEPT_PREVIEW_SIDE = 512;

export function runsHandlers({ bench, jobs, kept, shelf, uploads, images }: HostParts): HandlersOf<typeof RUNS> {
  const locate = located(uploads);
  const withStore = async <Result>(action: (store: RunStore) => Promise<Result> | Result): Promise<Result> => {
    using store = openRunStore(bench.db);
    return await action(store);
  };

  /** The images of a page, those that it sent kept where they outlive it, and named in `keptNow`. */
  const keptImages = async (imageIds: readonly string[], keptNow: string[]): Promise<Images> => {
    const paths = new Set<string>();
    for (const imageId of imageIds) {
      const { path, entry } = shelf.find(imageId);
      if (uploads?.holds(path)) {
        keptNow.push(await kept.keep(path, entry.name));
        paths.add(keptNow.at(-1)!);
      } else paths.add(path);
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
        if (kept.holds(path)) {
          const { bytes } = await images.picture(path, KEPT_PREVIEW_SIDE, 'preview');
          await kept.reduce(store, runId, path, bytes);
        }
    });
  };

  return {
    'runs.list': () => withStore(listRuns),
    'runs.jobs': () => jobs.list(),
    'runs.start': async ({ name, images: wanted, modelId, plans, counts, keep }) => {
      const resolved = plans.map(resolvePlan);
      const model = bench.library.find(modelId);
      const keptNow: string[] = [];
      const done = () => keptNow.forEach((path) => kept.done(path));
      const chosen =
        'folder' in wanted
          ? { folder: locate(wanted.folder).path, labels: wanted.labels ?? undefined }
          : await keptImages(wanted.imageIds, keptNow).catch((error: unknown) => {
              done();
              throw error;
            });
      const job = jobs.start({
        name,
        model,
        images: chosen,
        plans: ({ layers }) => {
          checkPlanLayers(resolved, layers);
          return resolved;
        },
        detail: counts ? 'full' : 'basic',
        seed: resolved[0]!.seed,
      });
      void jobs.ended(job.runId).then(() => {
        done();
        // A preview that cannot be made leaves the original.
        if (keep === 'previews') reduce(job.runId).catch(() => undefined);
      });
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

function commonFolder(paths: readonly string[]): string {
  return paths
    .map((path) => parse(path).dir)
    .reduce((folder, other) => {
      let common = folder;
      while (relative(common, other).startsWith('..')) common = parse(common).dir;
      return common;
    });
}
