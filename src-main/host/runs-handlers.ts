import { basename, join, parse, relative } from 'node:path';
import type { RUNS } from '../../src-shared/contract/runs.ts';
import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import { isPixelMetric, metricParts } from '../../src-shared/precision/metrics.ts';
import { optionsOfPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { findRun, listRuns, runFailures, runImageDigest, runImages, runModel, runPlans } from '../store/run-query.ts';
import { readDataset } from '../datasets/dataset.ts';
import { byPathBytes } from '../datasets/image-walk.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { Work } from '../../src-shared/work.ts';
import { newRunId } from '../store/run-identity.ts';
import type { RunStore } from '../store/run-store.ts';
import { storeOf } from './store-of.ts';
import { releaseKeptImages } from '../work/release-kept-images.ts';
import { checkFolder } from '../work/check-folder.ts';
import { exportOutcomes } from '../work/export-outcomes.ts';
import { keepThumbnails } from '../work/keep-thumbnails.ts';
import type { Images } from '../work/evaluator.ts';
import { mergeRuns } from '../work/merge-runs.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './located.ts';
import type { HostParts } from './host-parts.ts';

/** Pixels of the longer side of a preview that is kept in place of an original. */
export const KEPT_PREVIEW_SIDE = 512;
/** A deleted run can be brought back for so long at least. */
const UNDO_MILLISECONDS = 10 * 60_000;

export function runsHandlers(parts: HostParts): HandlersOf<typeof RUNS> {
  const { bench, jobs, kept, shelf, uploads, images, runs, thumbnails } = parts;
  const pathsOf = pathsOfRuns();
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

  /** The images of a folder that a page sent, with their labels, kept where they outlive it. */
  const keptFolder = async (
    folder: string,
    labels: string | undefined,
    model: InstalledModel,
    runId: string,
    work: Work,
  ): Promise<Images> => {
    const root = join(kept.folder, runId);
    const classes = await modelClasses(await bench.known(model, work));
    const dataset = await readDataset(folder, classes, { labels, signal: work.signal });
    // Twice the same file is one image.
    const labelOf = new Map<string, number | null>();
    for (const { path, label } of dataset.images) {
      const own = await kept.keep(bench.db, runId, join(dataset.root, path), basename(path));
      labelOf.set(relative(root, own).replaceAll('\\', '/'), label);
    }
    const images = byPathBytes([...labelOf.keys()]).map((path) => ({ path, label: labelOf.get(path) ?? null }));
    if (dataset.labels.kind === 'none') return { root, labels: dataset.labels, images };
    return { root, labels: { kind: 'csv', file: await kept.keepLabels(runId, images) }, images };
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
    const path = join(findRun(store, runId).dataset.path, pathsOf(store, runId)[image] ?? missingImage(runId, image));
    return { path, name: basename(path), ownPlace: kept.holds(path) || uploads?.holds(path) === true };
  };

  return {
    'runs.list': () => withStore(listRuns),
    'runs.jobs': () => jobs.list(),
    'runs.start': async ({ name, images: wanted, modelId, plans, counts, keep, workers, device }, work) => {
      const resolved = plans.map(resolvePlan);
      const model = bench.library.find(modelId);
      const runId = newRunId();
      const asked = async () => {
        if (!('folder' in wanted)) return keptImages(wanted.imageIds, runId);
        const { path: folder } = locate(wanted.folder);
        const labels = wanted.labels ?? undefined;
        return uploads?.holds(folder) ? keptFolder(folder, labels, model, runId, work) : { folder, labels };
      };
      const chosen = await asked().catch(async (error: unknown) => {
        await kept.remove(runId);
        throw error;
      });
      const job = jobs.start({
        runId,
        name,
        model,
        images: chosen,
        plans: () => resolved,
        detail: counts ? 'full' : 'basic',
        seed: resolved[0]!.seed,
        workers,
        device,
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
      withStore(async (store) => {
        const run = findRun(store, runId);
        return { run, report: await runs.report(store, run), failed: runFailures(store, run.id) };
      }),

    'runs.check': ({ folder, labels, modelId }, work) =>
      checkFolder(bench, { folder: locate(folder).path, labels, model: bench.library.find(modelId) }, work),
    'runs.classes': ({ runId }) => withStore((store) => runModel(store, findRun(store, runId).id).labels),
    'runs.columns': ({ runId }) => withStore((store) => runs.columns(store, findRun(store, runId))),
    'runs.paths': ({ runId, images: wanted }) =>
      withStore((store) => {
        const paths = pathsOf(store, findRun(store, runId).id);
        return wanted.map((image) => paths[image] ?? missingImage(runId, image));
      }),
    'runs.table': ({ runId, plan, images: wanted, format }) =>
      withStore((store) => {
        const text = exportOutcomes(store, { runId, plan, images: wanted, format });
        const mime = format === 'json' ? 'application/json' : 'text/csv';
        return { name: `${runId}-images.${format}`, mime, bytes: new TextEncoder().encode(text) };
      }),
    'runs.levels': async ({ runId, image, plan }, work) => {
      const { path, model, wanted } = await withStore((store) => ({
        path: imageOf(store, runId, image).path,
        model: findRun(store, runId).model.path,
        wanted: runPlans(store, runId)[plan],
      }));
      if (!wanted) throw new FoveaError('bad-argument', `run ${runId} has no plan ${plan + 1}`);
      const { name } = metricParts(wanted.metric);
      if (!isPixelMetric(name) && wanted.bits.length > 1)
        throw new FoveaError('bad-argument', `metric ${name} has no map of pixels alone`, 'Open the image in Analyse.');
      const { preprocessing } = await bench.known(bench.library.find(model), work);
      return images.levels(path, preprocessing, wanted, work.signal);
    },
    'runs.thumbnail': async ({ runId, image, maxSide }, work) => {
      const { path, sha256 } = await withStore((store) => ({
        path: imageOf(store, runId, image).path,
        sha256: runImageDigest(store, runId, pathsOf(store, runId)[image]!),
      }));
      return (sha256 !== null && thumbnails.find(sha256)) || images.picture(path, maxSide, 'tile', work.signal);
    },
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

    'thumbnails.figures': () => thumbnails.figures(),
    'thumbnails.keep': ({ runId }, work) =>
      withStore((store) => keepThumbnails(store, images, thumbnails, findRun(store, runId).id, work)),
    'thumbnails.clear': () => {
      thumbnails.clear();
      return thumbnails.figures();
    },
  };
}

/** Runs whose paths are kept at hand: a page looks at one at a time. */
const RUNS_AT_HAND = 4;

/** The paths of runs, which never change, read once for many tiles. */
function pathsOfRuns() {
  const known = new Map<string, readonly string[]>();
  return (store: RunStore, runId: string): readonly string[] => {
    const paths = known.get(runId) ?? runImages(store, runId);
    known.delete(runId);
    if (paths.length > 0) known.set(runId, paths);
    const [oldest] = known.keys();
    if (known.size > RUNS_AT_HAND && oldest !== undefined) known.delete(oldest);
    return paths;
  };
}

function missingImage(runId: string, image: number): never {
  throw new FoveaError('image-missing', `run ${runId} has no image ${image + 1}`);
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
