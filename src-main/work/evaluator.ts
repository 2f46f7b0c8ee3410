import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import type { Device } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { foundLevels, needsCalibration, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import {
  canonicalJson,
  type CountDetail,
  type DatasetImage,
  type RunRecord,
  type Shard,
} from '../../src-shared/runs/run-record.ts';
import { oracleLadders } from '../../src-shared/runs/oracle-ladders.ts';
import type { PixelChoices } from '../../src-shared/preprocessing.ts';
import { figuresOf, type Work, type WorkFigures, WorkMeter } from '../../src-shared/work.ts';
import { type Dataset, type DatasetOptions, readDataset } from '../datasets/dataset.ts';
import { findFrames, frameDigests, type ImageFrames } from '../datasets/frames.ts';
import { findMaps, type ImageMaps, mapDigests, refuseMapless } from '../datasets/map-files.ts';
import { checkPresence } from '../datasets/dataset-presence.ts';
import { datasetDigest, imagesOfShard } from '../datasets/shards.ts';
import type { EngineKeeper } from '../engine/engine-keeper.ts';
import type { CalibratedRanges, TaskInput, TaskName, TaskResult } from '../engine/engine-protocol.ts';
import { answeringModel } from '../engine/answering-model.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';
import { isFileLocked } from '../files/sqlite-file.ts';
import { rangesFor } from '../models/calibration.ts';
import { modelClasses } from '../models/model-classes.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { idOfOrder } from '../store/order-id.ts';
import { runModelOf } from '../store/run-model.ts';
import { findRun, runImages, runModel, runPlans } from '../store/run-query.ts';
import { type NewRun, openRunStore, type RunStore } from '../store/run-store.ts';
import type { RunWriter } from '../store/run-writer.ts';
import { type Bench, noteOnModel } from './bench.ts';
import { evaluatePending, IMAGES_OF_AN_ENGINE } from './evaluate-pending.ts';
import { folderChanges } from './folder-changes.ts';
import { mapsAsBegun } from './maps-as-begun.ts';
import { RunEnded } from './run-ended.ts';
import { finishRun } from './run-report.ts';
import { ownRun, sharedRun, type TakeUp } from './taken-up-run.ts';
import { workerCount } from './worker-count.ts';

/** Images with their labels, below a folder. */
export type Images = Pick<Dataset, 'root' | 'labels' | 'images' | 'chosen'>;

/** What images are evaluated under. */
export interface RunOrder {
  /** Where the run was announced before it could be begun. */
  readonly runId?: string;
  readonly name: string;
  readonly note?: string;
  readonly plans: readonly PrecisionPlan[];
  readonly detail: CountDetail;
  /** See `RunRecord.firstSuccess`. Default: false. */
  readonly firstSuccess?: boolean;
  readonly seed: number;
  readonly shard?: Shard | null;
  /** Default: all of the dataset. */
  readonly images?: readonly DatasetImage[];
  /** Default: nothing earlier is gone on with; but a shard always goes on with its own. */
  readonly again?: TakeUp;
  /** Where the maps of metric `given` are, see `findMaps`. Default: beside the photos. */
  readonly maps?: string | null | undefined;
  /** Store whose runs are taken over where it has the one that is to be gone on with. */
  readonly takenFrom?: string | undefined;
}

/** A run in work. */
export interface BegunRun {
  readonly writer: RunWriter;
  readonly root: string;
  readonly detail: CountDetail;
  readonly firstSuccess: boolean;
  readonly ranges: CalibratedRanges | null;
  /** Where a plan takes them. */
  readonly maps: ImageMaps | null;
  readonly frames: ImageFrames | null;
}

export interface EvaluatorOptions {
  readonly model: InstalledModel;
  /** Engine processes; default: as many as cores and memory allow. */
  readonly workers?: number | undefined;
  /** Somebody may wait for other work of this machine: the engines give way to it. */
  readonly givesWay?: boolean | undefined;
  /** Add up in another order: what differs from the usual results is the numerical floor. */
  readonly secondRounding?: boolean | undefined;
  /** How photos are read; default: as the bench has it. */
  readonly pixels?: PixelChoices | undefined;
  /** What networks run on; default: as the bench has it. */
  readonly device?: Device | undefined;
}

/** A model open in several engines, and the store: what runs need. Owns the engines and the store. */
export class Evaluator {
  readonly model: OpenedModel;
  readonly store: RunStore;
  readonly #modelId: string;
  readonly #request: ModelRequest;
  readonly #engines: readonly EngineKeeper[];
  readonly #bench: Bench;
  readonly #work: Work;
  /** Somebody looks at what is done so far. */
  readonly #watched: boolean;
  /** What was last calibrated, or looked up: another run over the same images need not do it again. */
  #calibrated: {
    readonly images: Images['images'];
    /** With scores, which thresholds of levels come from. */
    readonly found: boolean;
    readonly ranges: CalibratedRanges | null;
  } | null = null;

  private constructor(
    model: OpenedModel,
    modelId: string,
    request: ModelRequest,
    engines: readonly EngineKeeper[],
    bench: Bench,
    work: Work,
    watched: boolean,
  ) {
    this.model = model;
    this.store = openRunStore(bench.db);
    this.#modelId = modelId;
    this.#request = request;
    this.#engines = engines;
    this.#bench = bench;
    this.#work = work;
    this.#watched = watched;
  }

  /** @throws FoveaError `model-…`, `store-…` */
  static async open(
    { model, workers, givesWay = false, pixels, secondRounding = false, device }: EvaluatorOptions,
    bench: Bench,
    work: Work,
  ): Promise<Evaluator> {
    // One intra-op thread an engine: processes share cores better than threads do.
    const request: ModelRequest = {
      ...bench.requestFor(model.path, device, 1),
      ...(pixels ? { pixels } : {}),
      ...(secondRounding ? { secondRounding } : {}),
    };
    const [first] = bench.startEngines(1, givesWay);
    try {
      work.progress(figuresOf('opening-model', { subject: model.id }));
      const opened = await first!.run('open', { model: request }, { signal: work.signal });
      noteOnModel(model, opened, work);
      const count =
        workers ?? workerCount(availableParallelism(), process.availableMemory(), opened.bytes, request.device);
      const engines = [first!, ...bench.startEngines(count - 1, givesWay, count)];
      return new Evaluator(opened, model.id, request, engines, bench, work, givesWay);
    } catch (error) {
      first!.close();
      throw error;
    }
  }

  close(): void {
    for (const engine of this.#engines) engine.close();
    this.store.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * @param labels see `DatasetOptions.labels`
   * @param options see `DatasetOptions`
   */
  async readDataset(
    folder: string,
    labels: string | undefined,
    options: Pick<DatasetOptions, 'maps' | 'list'> = {},
  ): Promise<Dataset> {
    const dataset = await readDataset(folder, await modelClasses(this.model), {
      ...options,
      labels,
      signal: this.#work.signal,
      onProgress: (images) => this.#work.progress(figuresOf('finding-images', { done: images })),
    });
    noteOn(dataset, this.#work);
    return dataset;
  }

  /**
   * Evaluates images under plans, and keeps all in the store as it comes.
   * @throws RunEnded, and whatever keeps a run from beginning
   */
  async run(images: Images, order: RunOrder): Promise<RunRecord> {
    const begun = await this.begin(images, order);
    await this.work(begun, order.plans);
    return this.finish(begun);
  }

  /**
   * Begins a run without working on it, or takes up the earlier one.
   * @throws FoveaError `run-unknown` when `takenFrom` has no such run; `store-locked` when another process is at work on it
   */
  async begin(dataset: Images, order: RunOrder): Promise<BegunRun> {
    const { images = dataset.images, shard = null, detail, firstSuccess = false, again, takenFrom } = order;
    const known = typeof again === 'object' ? again : null;
    const digests = known?.digests ?? (shard ? await this.digests({ ...dataset, images }) : null);
    const all = digests && datasetDigest(images, digests);
    const ranges = await this.#ranges(order.plans, dataset);
    const maps = await findMaps(dataset.root, pathsOf(images), order.plans, order.maps, this.#bench.digests);
    refuseMapless(maps);
    const frames = await findFrames(dataset.root, pathsOf(images), order.plans, this.#bench.digests);
    const run: NewRun = {
      ...(order.runId === undefined ? {} : { id: order.runId }),
      name: order.name,
      note: order.note ?? '',
      model: runModelOf(this.#modelId, this.model, ranges, this.#request, {
        ...(maps ? { maps: mapDigests(maps) } : {}),
        ...(frames ? { frames: frameDigests(frames) } : {}),
      }),
      dataset: {
        path: dataset.root,
        labels: dataset.labels,
        ...mapsPlace(maps, order.maps),
        chosen: dataset.chosen === true || images.length < dataset.images.length,
        sha256: shard ? all : null,
        images: shard && digests ? imagesOfShard(images, digests, shard) : images,
      },
      plans: order.plans,
      detail,
      firstSuccess,
      seed: order.seed,
      shard,
      version: this.#bench.version,
    };
    const shared = all !== null && (shard || known?.grows);
    const place = { store: this.store, bench: this.#bench, work: this.#work };
    const writer = shared
      ? await sharedRun(place, run, idOfOrder(run, all), takenFrom)
      : await ownRun(place, run, again, () => this.digests(dataset));
    return { writer, root: dataset.root, detail, firstSuccess, ranges, maps, frames };
  }

  /**
   * Goes on with a run.
   * @param root where the images are now; the run remembers it
   * @param mapsNow where the maps of metric `given` are now; default: where they were. The run remembers it
   * @throws RunEnded, with `dataset-unreadable` when the images are not there; FoveaError `model-unsupported` when the model is not
   * the one the run began with
   */
  async resume(run: RunRecord, root: string, mapsNow?: string | null): Promise<RunRecord> {
    await checkPresence(root, runImages(this.store, run.id), 'Mount it, or give the folder where it is now.').catch(
      (error: unknown) => {
        throw ended(run.id, error);
      },
    );
    const plans = runPlans(this.store, run.id);
    const began = runModel(this.store, run.id).settings;
    const place = mapsNow ? resolve(mapsNow) : run.dataset.maps;
    const now = await findMaps(root, runImages(this.store, run.id), plans, place, this.#bench.digests);
    const maps = now && began.maps ? mapsAsBegun(run.id, root, now, began.maps, this.#work.note) : now;
    const frames = await findFrames(root, Object.keys(began.frames ?? {}), plans, this.#bench.digests);
    if (frames && canonicalJson(frameDigests(frames)) !== canonicalJson(began.frames))
      throw new FoveaError(
        'dataset-unreadable',
        `${root}: the frames in it are not those that run ${run.id} began with`,
        'Bring them back, or begin a new run.',
      );
    const { sha256, settings } = runModelOf(this.#modelId, this.model, began.ranges, this.#request, {
      ...(began.maps ? { maps: began.maps } : {}),
      ...(began.frames ? { frames: began.frames } : {}),
    });
    if (sha256 !== run.model.sha256 || canonicalJson(settings) !== canonicalJson(began))
      throw new FoveaError(
        'model-unsupported',
        `${this.model.path}: ${sha256 === run.model.sha256 ? 'its card, or the way photos are read,' : 'the model'} is not what run ${run.id} began with`,
        'Begin a new run.',
      );
    const changes = await folderChanges(this.store, run, root);
    if (Object.values(changes).some((paths) => paths.length > 0))
      this.#work.note({ note: 'folder-changed', ...changes });
    const { detail, firstSuccess } = run;
    const writer = this.store.resumeRun(run.id, root, place);
    const begun = { writer, root, detail, firstSuccess, ranges: began.ranges, maps, frames };
    if (findRun(this.store, run.id).finished < run.finished) this.#work.note({ note: 'older-results-anew' });
    await this.work(begun, plans);
    return this.finish(begun);
  }

  /**
   * Does what is pending of a run.
   * @param plans all of the run, in its order
   * @param stage what to call the work
   */
  async work(
    { writer, root, detail, firstSuccess, ranges, maps, frames }: BegunRun,
    plans: readonly PrecisionPlan[],
    stage?: WorkFigures,
  ): Promise<void> {
    try {
      await evaluatePending(
        {
          writer,
          root,
          plans,
          model: this.#request,
          as: answeringModel(this.model),
          ranges,
          maps,
          frames,
          counts: detail === 'full',
          ladders: firstSuccess ? oracleLadders(plans) : null,
          engines: this.#engines,
          digests: this.#bench.digests,
          lookUp: this.#bench.measurements !== null,
          orderSeed: this.#watched ? findRun(this.store, writer.runId).seed : undefined,
          ...(stage ? { stage } : {}),
        },
        this.#work,
      );
    } catch (error) {
      const cancelled = error instanceof FoveaError && error.code === 'cancelled';
      try {
        // A store that was waited for so long is not waited for twice.
        if (isFileLocked(error)) writer.rest();
        else await finishRun(writer, cancelled ? 'cancelled' : 'failed');
      } catch (inTurn) {
        // What ended the run ends this, too, and is told better by its first error.
        if (!(inTurn instanceof FoveaError)) throw inTurn;
      }
      throw this.#ended(error, writer);
    }
  }

  /** Counts up a run that is done. */
  async finish({ writer }: BegunRun): Promise<RunRecord> {
    this.#work.progress(figuresOf('counting-up'));
    try {
      await finishRun(writer);
    } catch (error) {
      throw this.#ended(error, writer);
    }
    return findRun(this.store, writer.runId);
  }

  #ended(error: unknown, { runId, lost, isTrial }: RunWriter): unknown {
    if (lost || !(error instanceof FoveaError) || error.code !== 'cancelled') return lost ? error : ended(runId, error);
    const { finished, failed, images } = findRun(this.store, runId);
    const done = isTrial
      ? 'what was searched is kept with'
      : `${finished + failed} of ${images} images are done and kept in`;
    const message = `stopped; ${done} run ${runId}`;
    return new RunEnded(runId, new FoveaError('cancelled', message), { cause: error });
  }

  async #ranges(plans: readonly PrecisionPlan[], { root, images }: Images): Promise<CalibratedRanges | null> {
    if (!plans.some(needsCalibration)) return null;
    const found = plans.some((plan) => foundLevels(plan) !== null);
    const last = this.#calibrated;
    if (last?.images === images && last.found === found) return last.ranges;
    const ranges = await rangesFor(
      this.#engines[0]!,
      this.#bench.dataFolder,
      this.model,
      plans,
      images.map(({ path }) => join(root, path)),
      this.#work,
      { request: this.#request, name: this.#modelId },
    );
    this.#calibrated = { images, found, ranges };
    return ranges;
  }

  /**
   * Has every engine do a task for one image after the other, and hands on what it gives, or why an image failed.
   * @throws FoveaError `cancelled`, once nothing is handed on any more
   */
  async each<Name extends TaskName>(
    name: Name,
    images: readonly DatasetImage[],
    inputOf: (image: DatasetImage, model: ModelRequest) => TaskInput<Name>,
    take: (image: DatasetImage, result: TaskResult<Name> | FoveaError) => void,
  ): Promise<void> {
    const { signal } = this.#work;
    let next = 0;
    const works = this.#engines.map(async (engine) => {
      for (let image = images[next++]; image && !signal.aborted; image = images[next++]) {
        const result = await engine.run(name, inputOf(image, this.#request), { signal }).catch((error: unknown) => {
          if (error instanceof FoveaError) return error;
          throw error;
        });
        if (!signal.aborted) take(image, result);
      }
    });
    await Promise.all(works);
    if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
  }

  /** So few images at once would leave engines idle. */
  get imagesAtOnce(): number {
    return IMAGES_OF_AN_ENGINE * this.#engines.length;
  }

  /** All that decides what the model gives, for whatever is kept outside of runs. */
  get settings(): object {
    const { sha256, settings } = runModelOf(this.#modelId, this.model, null, this.#request);
    return { sha256, ...settings };
  }

  /** Digest of every file of a dataset, by path; null where it cannot be read. */
  async digests({ root, images }: Images): Promise<ReadonlyMap<string, string | null>> {
    const { signal } = this.#work;
    const meter = new WorkMeter(this.#work, figuresOf('reading-images', { total: images.length }), () =>
      performance.now(),
    );
    const digests = new Map<string, string | null>();
    for (const { path } of images) {
      if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
      digests.set(path, await this.#bench.digests.of(join(root, path)).catch(() => null));
      meter.advance(1);
    }
    return digests;
  }
}

function ended(runId: string, error: unknown): unknown {
  return error instanceof FoveaError ? new RunEnded(runId, error, { cause: error }) : error;
}

/** As a run keeps it: it is gone on with from any folder. */
function mapsPlace(maps: ImageMaps | null, place: string | null | undefined): { readonly maps?: string } {
  return maps && place ? { maps: resolve(place) } : {};
}

const pathsOf = (images: readonly DatasetImage[]) => images.map(({ path }) => path);

/** Tells what a dataset lacks or leaves out. */
function noteOn(dataset: Dataset, { note }: Work): void {
  const { root, images, labels, unlabelledImages, skippedFiles, undecodableNames, brokenLinks, remarks } = dataset;
  for (const remark of remarks) note({ note: 'labels-remark', remark });
  if (labels.kind === 'none') note({ note: 'no-labels', folder: root });
  if (unlabelledImages > 0) note({ note: 'unlabelled-left-out', images: unlabelledImages, remaining: images.length });
  if (skippedFiles > 0) note({ note: 'other-files-left-out', files: skippedFiles });
  if (undecodableNames > 0) note({ note: 'undecodable-names-left-out', names: undecodableNames });
  if (brokenLinks > 0) note({ note: 'broken-links', links: brokenLinks });
}
