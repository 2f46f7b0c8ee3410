import { basename, join, parse, relative } from 'node:path';
import type { OwnMap } from '../../src-shared/contract/images.ts';
import type { RUNS } from '../../src-shared/contract/runs.ts';
import { keepRecent } from '../../src-shared/keep-recent.ts';
import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import { isPixelMetric, metricParts, usesMaps } from '../../src-shared/precision/metrics.ts';
import { optionsOfPlan, type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { findRun, listRuns, runFailures, runImageDigest, runImages, runModel, runPlans } from '../store/run-query.ts';
import { readDataset } from '../datasets/dataset.ts';
import { findMaps, placesOfMaps } from '../datasets/map-files.ts';
import { byPathBytes } from '../images/image-names.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { StoredImage } from '../images/image-shelf.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { Work } from '../../src-shared/work.ts';
import { newRunId } from '../store/run-identity.ts';
import type { RunStore } from '../store/run-store.ts';
import { storeOf } from './store-of.ts';
import { releaseKeptImages } from '../work/release-kept-images.ts';
import { checkFolder } from '../work/check-folder.ts';
import { exportOutcomes } from '../work/export-outcomes.ts';
import { keepThumbnails } from '../work/keep-thumbnails.ts';
import type { EvaluateOrder } from '../work/evaluate.ts';
import { type ImageOfRun, keepRunMaps } from '../work/keep-run-maps.ts';
import { mergeRuns } from '../work/merge-runs.ts';
import type { HandlersOf } from './conversation.ts';
import { located } from './located.ts';
import type { HostParts } from './host-parts.ts';

/** What a run is begun with, and where the maps of its images lie, where not beside them. */
type ChosenImages = Pick<EvaluateOrder, 'images' | 'maps'>;

/** Pixels of the longer side of a preview that is kept in place of an original. */
export const KEPT_PREVIEW_SIDE = 512;
/** A deleted run can be brought back for so long at least. */
const UNDO_MILLISECONDS = 10 * 60_000;

export function runsHandlers(parts: HostParts): HandlersOf<typeof RUNS> {
  const { bench, jobs, kept, maps, shelf, uploads, images, runs, thumbnails } = parts;
  const pathsOf = pathsOfRuns();
  const locate = located(uploads);
  const withStore = storeOf(bench);

  /** The images of a page, those that it sent kept where they outlive it. */
  const keptImages = async (
    imageIds: readonly string[],
    runId: string,
    plans: readonly PrecisionPlan[],
  ): Promise<ChosenImages> => {
    const stored = new Map<string, StoredImage>();
    for (const imageId of imageIds) {
      const image = shelf.find(imageId);
      const { path, entry } = image;
      stored.set(uploads?.holds(path) ? await kept.keep(bench.db, runId, path, basename(entry.name)) : path, image);
    }
    const folder = commonFolder([...stored.keys()]);
    const within = (path: string) => relative(folder, path).replaceAll('\\', '/');
    const own = [...stored].map(([path, { path: from, entry }]) => ({
      path: within(path),
      from,
      map: entry.map?.path,
    }));
    // Beside photos that stay where they are maps are found again.
    const asTheyLie = [...stored].every(([path, { path: from, entry }]) => path === from && !entry.map);
    return {
      images: {
        root: folder,
        labels: { kind: 'none' },
        chosen: true,
        images: own.map(({ path }) => ({ path, label: null })),
      },
      maps: asTheyLie ? undefined : await keepRunMaps(kept, bench.db, runId, own, plans),
    };
  };

  /** The images of a folder that a page sent, with their labels, kept where they outlive it. */
  const keptFolder = async (
    folder: string,
    labels: string | undefined,
    maps: string | undefined,
    model: InstalledModel,
    runId: string,
    plans: readonly PrecisionPlan[],
    work: Work,
  ): Promise<ChosenImages> => {
    const root = join(kept.folder, runId);
    const classes = await modelClasses(await bench.known(model, work));
    const dataset = await readDataset(folder, classes, { labels, maps, signal: work.signal });
    const places = plans.some(usesMaps)
      ? await placesOfMaps(
          dataset.root,
          dataset.images.map(({ path }) => path),
          maps,
        )
      : null;
    const mapOf = (path: string) => {
      const place = places?.get(path);
      return typeof place === 'string' ? place : undefined;
    };
    const sent = uploads?.holds(folder) === true;
    // Twice the same file is one image.
    const labelOf = new Map<string, number | null>();
    const own: ImageOfRun[] = [];
    for (const { path, label } of dataset.images) {
      const from = join(dataset.root, path);
      const at = sent
        ? relative(root, await kept.keep(bench.db, runId, from, basename(path))).replaceAll('\\', '/')
        : path;
      labelOf.set(at, label);
      own.push({ path: at, from, map: mapOf(path) });
    }
    const ownMaps = places ? await keepRunMaps(kept, bench.db, runId, own, plans) : undefined;
    if (!sent) return { images: dataset, maps: ownMaps };
    const images = byPathBytes([...labelOf.keys()]).map((path) => ({ path, label: labelOf.get(path) ?? null }));
    if (dataset.labels.kind === 'none') return { images: { root, labels: dataset.labels, images }, maps: ownMaps };
    return {
      images: { root, labels: { kind: 'csv', file: await kept.keepLabels(runId, images) }, images },
      maps: ownMaps,
    };
  };

  /** Once a run has ended: nothing is kept for one that never began, and previews take the place of originals where they are wanted. */
  const afterwards = async (runId: string, keep: 'originals' | 'previews') => {
    const status = (await jobs.ended(runId))?.status;
    await maps.sweep(shelf.maps());
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

  /** The map that an image of a run was measured with, where that does not lie beside it. */
  const mapOf = async (store: RunStore, runId: string, path: string, plan: PrecisionPlan): Promise<OwnMap | null> => {
    const { dataset } = findRun(store, runId);
    if (dataset.maps === undefined) return null;
    const map = (await findMaps(dataset.path, [path], [plan], usesMaps(plan) ? dataset.maps : null))?.get(path);
    return map && 'sha256' in map ? { ...map, name: basename(map.path) } : null;
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
      const asked = async (): Promise<ChosenImages> => {
        if (!('folder' in wanted)) return keptImages(wanted.imageIds, runId, resolved);
        const { path: folder } = locate(wanted.folder);
        const labels = wanted.labels ?? undefined;
        const place = wanted.maps && locate(wanted.maps).path;
        return [folder, place].some((sent) => sent !== undefined && uploads?.holds(sent))
          ? keptFolder(folder, labels, place, model, runId, resolved, work)
          : { images: { folder, labels }, maps: place };
      };
      const chosen = await asked().catch(async (error: unknown) => {
        await kept.remove(runId);
        throw error;
      });
      const job = jobs.start({
        runId,
        name,
        model,
        ...chosen,
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

    'runs.check': ({ folder, labels, modelId, maps: wanted }, work) => {
      const place = wanted === undefined || wanted === 'beside' ? wanted && null : locate(wanted).path;
      const order = { folder: locate(folder).path, labels, model: bench.library.find(modelId), maps: place };
      return checkFolder(bench, order, work);
    },
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
        const { id } = opened.images[0]!;
        const map = await mapOf(store, runId, pathsOf(store, runId)[image]!, options);
        if (map) shelf.setMap(id, map);
        return {
          image: shelf.find(id).entry,
          modelId: bench.library.find(model.path).id,
          plan: optionsOfPlan(options),
        };
      }),
    'runs.delete': ({ runId }) =>
      withStore(async (store) => {
        await kept.forget(store, store.purgeRuns(Date.now() - UNDO_MILLISECONDS));
        await maps.sweep(shelf.maps());
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
    if (paths.length > 0) keepRecent(known, runId, paths, RUNS_AT_HAND);
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
