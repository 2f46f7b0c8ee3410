import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import {
  canonicalJson,
  type CountDetail,
  type DatasetImage,
  type RunRecord,
  type Shard,
} from '../../src-shared/runs/run-record.ts';
import { rangesFor } from '../models/calibration.ts';
import type { CommandContext } from '../commands/command-line.ts';
import { type Dataset, readDataset } from '../datasets/dataset.ts';
import { checkPresence } from '../datasets/dataset-presence.ts';
import { type Again, earlierRun } from '../store/earlier-run.ts';
import type { EngineKeeper } from '../engine/engine-keeper.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import { progressText } from './folder-progress.ts';
import { evaluatePending, fileDigest } from './folder-run.ts';
import { readSynsets } from '../models/model-card-file.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';
import { resumeCommand } from '../text/resume-command.ts';
import { runModelOf } from '../store/run-model.ts';
import { findRun, runImages, runModel, runPlans } from '../store/run-query.ts';
import { type NewRun, openRunStore, type RunStore } from '../store/run-store.ts';
import type { RunWriter } from '../store/run-writer.ts';
import type { Bench } from './bench.ts';

/** What a folder is evaluated under. */
export interface FolderOrder {
  readonly name: string;
  readonly note?: string;
  readonly plans: readonly PrecisionPlan[];
  readonly detail: CountDetail;
  readonly seed: number;
  readonly shard?: Shard | null;
  /** Default: all of the dataset. */
  readonly images?: readonly DatasetImage[];
  /** To go on with an earlier run of the same order, where there is one. */
  readonly again?: Again;
}

/** A run in work. */
export interface BegunRun {
  readonly writer: RunWriter;
  readonly root: string;
  readonly detail: CountDetail;
  readonly ranges: CalibratedRanges | null;
}

export interface SessionOptions {
  readonly model: InstalledModel;
  /** Engine processes; default: as many as cores and memory allow. */
  readonly workers?: number | undefined;
  /** The command makes one run, which can be resumed; others are given again, and find what was done. */
  readonly oneRun: boolean;
  /** False to measure anew: nothing that earlier runs or analyses know is looked up. Default: true. */
  readonly cache?: boolean | undefined;
}

/** A model open in several engines, and the store: what folder runs need. Owns the engines and the store. */
export class FolderSession {
  readonly model: OpenedModel;
  readonly store: RunStore;
  readonly #modelId: string;
  readonly #request: ModelRequest;
  readonly #engines: readonly EngineKeeper[];
  readonly #oneRun: boolean;
  readonly #lookUp: boolean;
  readonly #workbench: Bench;
  readonly #context: CommandContext;

  private constructor(
    model: OpenedModel,
    modelId: string,
    request: ModelRequest,
    engines: readonly EngineKeeper[],
    oneRun: boolean,
    lookUp: boolean,
    workbench: Bench,
    context: CommandContext,
  ) {
    this.model = model;
    this.store = openRunStore(context.db);
    this.#modelId = modelId;
    this.#request = request;
    this.#engines = engines;
    this.#oneRun = oneRun;
    this.#lookUp = lookUp;
    this.#workbench = workbench;
    this.#context = context;
  }

  /** @throws FoveaError `model-…`, `store-…` */
  static async open(
    { model, workers, oneRun, cache = true }: SessionOptions,
    workbench: Bench,
    context: CommandContext,
  ): Promise<FolderSession> {
    // One intra-op thread an engine: processes share cores better than threads do.
    const request: ModelRequest = { path: model.path, threads: 1 };
    const [first] = workbench.startEngines(1);
    try {
      context.progress(`opening ${model.id}`);
      const open = () => first!.run('open', { model: request }, { signal: context.signal });
      // A model that ends its engine does so again; an engine that was killed from outside deserves another.
      const opened = await open().catch((error: unknown) => {
        if (error instanceof FoveaError && error.code === 'engine-crashed') return open();
        throw error;
      });
      if (opened.preset) context.note(`${model.id} has no card: preprocessing preset "${opened.preset}" is assumed`);
      const count = workers ?? workerCount(availableParallelism(), process.availableMemory(), opened.bytes);
      const engines = [first!, ...workbench.startEngines(count - 1)];
      return new FolderSession(opened, model.id, request, engines, oneRun, cache, workbench, context);
    } catch (error) {
      first!.close();
      throw error;
    }
  }

  close(): void {
    for (const engine of this.#engines) engine.close();
    this.store.close();
  }

  /** @param labels see `DatasetOptions.labels` */
  async readDataset(folder: string, labels: string | undefined): Promise<Dataset> {
    const { model } = this;
    const synsets = model.card ? await readSynsets(model.path, model.card) : [];
    const classes = {
      count: model.classes,
      labels: model.labels,
      folders: model.card?.classFolders ?? [],
      ...(synsets.length > 0 ? { synsets } : {}),
    };
    const dataset = await readDataset(folder, classes, {
      labels,
      signal: this.#context.signal,
      onProgress: (images) => this.#context.progress(`looking for images: ${images}`),
    });
    for (const note of notesOn(dataset)) this.#context.note(note);
    return dataset;
  }

  /**
   * Evaluates images under plans, and keeps all in the store as it comes.
   * @throws FoveaError `cancelled` saying how to go on, and whatever ends a run
   */
  async run(dataset: Dataset, order: FolderOrder): Promise<RunRecord> {
    const begun = await this.begin(dataset, order);
    await this.work(begun, order.plans);
    return this.finish(begun);
  }

  /** Begins a run without working on it, or takes up the earlier one. */
  async begin(dataset: Dataset, order: FolderOrder): Promise<BegunRun> {
    const { images = dataset.images, shard = null, detail } = order;
    const digests = shard ? await this.digests(dataset) : null;
    const ranges = await this.#ranges(order.plans, dataset);
    const run: NewRun = {
      name: order.name,
      note: order.note ?? '',
      model: runModelOf(this.#modelId, this.model, ranges),
      dataset: {
        path: dataset.root,
        labels: dataset.labels,
        sha256: digests && datasetDigest(dataset.images, digests),
        images:
          shard && digests ? images.filter(({ path }) => shardOf(path, digests, shard.count) === shard.index) : images,
      },
      plans: order.plans,
      detail,
      seed: order.seed,
      shard,
      version: this.#workbench.version,
    };
    const earlier = order.again && this.#lookUp ? earlierRun(this.store, run, order.again) : null;
    const writer = earlier === null ? this.store.createRun(run) : this.store.resumeRun(earlier);
    return { writer, root: dataset.root, detail, ranges };
  }

  /**
   * Goes on with a run.
   * @param root where the images are now; the run remembers it
   * @throws FoveaError `dataset-unreadable` when they are not there, `model-unsupported` when the model is not the one the run
   * began with, and as {@link run} does
   */
  async resume(run: RunRecord, root: string): Promise<RunRecord> {
    await checkPresence(
      root,
      runImages(this.store, run.id),
      `Mount it, or give the folder where it is now: ${resumeCommand(run.id, this.#context, 'FOLDER')}`,
    );
    const plans = runPlans(this.store, run.id);
    const began = runModel(this.store, run.id).settings;
    const { sha256, settings } = runModelOf(this.#modelId, this.model, began.ranges);
    if (sha256 !== run.model.sha256 || canonicalJson(settings) !== canonicalJson(began))
      throw new FoveaError(
        'model-unsupported',
        `${this.model.path}: ${sha256 === run.model.sha256 ? 'its card' : 'the model'} is not what run ${run.id} began with`,
        'Begin a new run.',
      );
    const begun = { writer: this.store.resumeRun(run.id, root), root, detail: run.detail, ranges: began.ranges };
    if (findRun(this.store, run.id).finished < run.finished)
      this.#context.note('results of an older Fovea are computed anew: what they counted has been corrected since');
    await this.work(begun, plans);
    return this.finish(begun);
  }

  /**
   * Does what is pending of a run.
   * @param plans all of the run, in its order
   * @param stage what to call the work, before the count of images
   */
  async work({ writer, root, detail, ranges }: BegunRun, plans: readonly PrecisionPlan[], stage = ''): Promise<void> {
    const { signal, progress } = this.#context;
    try {
      await evaluatePending({
        writer,
        root,
        plans,
        model: this.#request,
        ranges,
        counts: detail === 'full',
        lookUp: this.#lookUp,
        engines: this.#engines,
        signal,
        onProgress: (state) => progress(stage + progressText(state)),
      });
    } catch (error) {
      const cancelled = error instanceof FoveaError && error.code === 'cancelled';
      try {
        writer.finish(cancelled ? 'cancelled' : 'failed');
      } catch (inTurn) {
        // What ended the run ends this, too, and is told better by its first error.
        if (!(inTurn instanceof FoveaError)) throw inTurn;
      }
      throw this.#withNextStep(error, writer);
    }
  }

  /** Counts up a run that is done. */
  finish({ writer }: BegunRun): RunRecord {
    this.#context.progress('counting up');
    try {
      writer.finish();
    } catch (error) {
      throw this.#withNextStep(error, writer);
    }
    return findRun(this.store, writer.runId);
  }

  /** What ended a run, saying how to go on with it. */
  #withNextStep(error: unknown, { runId, lost }: RunWriter): unknown {
    if (!(error instanceof FoveaError) || lost) return error;
    const goOn = this.#oneRun
      ? `Go on with: ${resumeCommand(runId, this.#context)}`
      : 'Give the same command again: what is done is not computed anew.';
    if (error.code !== 'cancelled')
      return new FoveaError(error.code, error.message, `${error.next} ${goOn}`.trim(), { cause: error });
    const { finished, failed, images } = findRun(this.store, runId);
    return new FoveaError(
      'cancelled',
      `stopped; ${finished + failed} of ${images} images are done and kept in run ${runId}`,
      goOn,
      { cause: error },
    );
  }

  #ranges(plans: readonly PrecisionPlan[], { root, images }: Dataset): Promise<CalibratedRanges | null> {
    const { signal, note, progress } = this.#context;
    return rangesFor(
      this.#engines[0]!,
      this.#workbench.dataFolder,
      this.model,
      plans,
      images.map(({ path }) => join(root, path)),
      {
        threads: 1,
        signal,
        onProgress: ({ done, total }) => progress(`calibrating ranges: ${done} of ${total} images`),
        onCalibrated: (count) =>
          note(`${this.#modelId} has no calibrated ranges: calibrated on ${count} of the images given`),
      },
    );
  }

  /** Digest of every file of a dataset, by path; null where it cannot be read. */
  async digests(dataset: Dataset): Promise<ReadonlyMap<string, string | null>> {
    const { signal, progress } = this.#context;
    const digests = new Map<string, string | null>();
    for (const { path } of dataset.images) {
      if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
      digests.set(path, await fileDigest(join(dataset.root, path)));
      progress(`reading ${digests.size} of ${dataset.images.length} images`);
    }
    return digests;
  }
}

/** Bytes of an engine beside its model: runtime, decoder, activations of a batch. */
const ENGINE_BYTES = 400 * 2 ** 20;
/** A model is held up to twice, plain and rewritten, with what the runtime prepares of its weights. */
const COPIES_OF_MODEL = 2.5;

/** One engine a core, as long as memory lasts; at least one. */
export function workerCount(cores: number, availableBytes: number, modelBytes: number): number {
  const fitting = Math.floor((0.8 * availableBytes) / (ENGINE_BYTES + COPIES_OF_MODEL * modelBytes));
  return Math.max(1, Math.min(cores, fitting));
}

/** Which shard, from 1, an image belongs to; a file that cannot be read is placed by its path. */
export function shardOf(path: string, digests: ReadonlyMap<string, string | null>, shards: number): number {
  const digest = digests.get(path) ?? createHash('sha256').update(path).digest('hex');
  return (Number.parseInt(digest.slice(0, 12), 16) % shards) + 1;
}

function datasetDigest(images: readonly DatasetImage[], digests: ReadonlyMap<string, string | null>): string {
  const hash = createHash('sha256');
  for (const { path, label } of images) hash.update(`${JSON.stringify([path, label, digests.get(path)])}\n`);
  return hash.digest('hex');
}

function notesOn(dataset: Dataset): string[] {
  const { root, images, labels, unlabelledImages, skippedFiles, undecodableNames, brokenLinks } = dataset;
  const notes = [];
  if (labels.kind === 'none')
    notes.push(`${basename(root)}: no labels: agreement with the plain network counts instead`);
  if (unlabelledImages > 0)
    notes.push(`${unlabelledImages} images without a label are left out, ${images.length} remain`);
  if (skippedFiles > 0) notes.push(`${skippedFiles} files that are no images are left out`);
  if (undecodableNames > 0) notes.push(`${undecodableNames} files or folders whose names are not UTF-8 are left out`);
  if (brokenLinks > 0) notes.push(`${brokenLinks} links lead nowhere`);
  return notes;
}
