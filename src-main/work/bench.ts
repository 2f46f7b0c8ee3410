import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DEFAULT_DEVICE, type Device, DEVICES, type DeviceState } from '../../src-shared/device.ts';
import { toErrorRecord } from '../../src-shared/errors.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { PixelChoices } from '../../src-shared/preprocessing.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { EngineKeeper, type EngineKeeperOptions, type EngineStateListener } from '../engine/engine-keeper.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';
import { memoryBound } from '../engine/process-guard.ts';
import type { SpawnProcess } from '../engine/process-port.ts';
import { calibrationFile, rangesFor } from '../models/calibration.ts';
import { cardPath, readCard } from '../models/model-card-file.ts';
import { type InstalledModel, ModelLibrary } from '../models/model-library.ts';
import { FileDigests } from '../files/digest.ts';
import { Measurements } from '../store/measurements.ts';
import { modelStamp } from '../store/opened-models.ts';
import { type EngineAhead, modelRequest } from './engine-ahead.ts';

export interface BenchOptions {
  readonly version: string;
  readonly dataFolder: string;
  /** The run store's file. */
  readonly db: string;
  /** The bundled engine. */
  readonly engineScript: string;
  readonly spawn: SpawnProcess;
  /** False to measure anew: nothing is looked up that earlier work has measured. Default: true. */
  readonly cache?: boolean;
  /** Where photos are to be read otherwise than the models' cards say. */
  readonly pixels?: PixelChoices;
  /** What networks run on where an order does not say. Default: the CPU. */
  readonly device?: Device;
  /** One that is at work already, on a model that will be asked for. Default: started when first needed. */
  readonly ahead?: EngineAhead | null;
  /** For people, once: why nothing is looked up or kept. */
  readonly warn?: (message: string) => void;
  readonly onEngineState?: EngineStateListener;
  /** Told when a model's file, card or calibration has changed since it was asked for. */
  readonly onModelChanged?: (model: InstalledModel) => void;
}

/** So long a model stays open that nobody uses. */
const ASIDE_MS = 120_000;

/** An engine with the path of the model that is open in it. */
interface EngineOfModel {
  readonly engine: EngineKeeper;
  path: string | null;
}

interface SeenModel {
  readonly model: InstalledModel;
  /** The files that what is known of it was read from, each as it was then. */
  readonly stamps: Map<string, string>;
}

/**
 * What all work is done with: the installed models, the store, and engines. One engine is kept for what somebody waits for; runs
 * start engines of their own. Owns the engine process.
 */
export class Bench {
  readonly library: ModelLibrary;
  readonly dataFolder: string;
  readonly db: string;
  readonly version: string;
  /** Null when nothing is to be looked up. */
  readonly measurements: Measurements | null;
  /** Of photos, which are looked at from several sides. */
  readonly digests = new FileDigests();
  readonly pixels: PixelChoices;
  readonly device: Device;
  /** What decides how a model file is understood. */
  readonly #reading: string;
  readonly #newEngine: (options: Partial<EngineKeeperOptions>) => EngineKeeper;
  /** Of live analysis, with the model it was last asked for. */
  #live: EngineOfModel;
  /** One that has opened another model, which nothing has been asked of yet. */
  #aside: EngineOfModel | null = null;
  readonly #onModelChanged: ((model: InstalledModel) => void) | undefined;
  /** By path, as each was when it was last asked for. */
  readonly #seen = new Map<string, SeenModel>();
  readonly #known = new Map<string, OpenedModel>();
  /** Engines at models that nobody knows yet. */
  readonly #opening = new Set<EngineKeeper>();

  constructor({ version, dataFolder, db, engineScript, spawn, ...options }: BenchOptions) {
    const { onEngineState, onModelChanged, cache = true, pixels = {}, ahead = null, warn = () => undefined } = options;
    this.device = options.device ?? DEFAULT_DEVICE;
    this.version = version;
    this.pixels = pixels;
    this.#reading = Object.keys(pixels).length > 0 ? `${version} ${JSON.stringify(pixels)}` : version;
    this.dataFolder = dataFolder;
    this.db = db;
    this.library = new ModelLibrary(dataFolder);
    this.#newEngine = (own) => {
      const engine: EngineKeeper = new EngineKeeper({
        script: engineScript,
        spawn,
        onState: (...state) => {
          if (engine === this.#live.engine) onEngineState?.(...state);
        },
        ...own,
      });
      return engine;
    };
    this.#live = ahead ? { ...ahead } : { engine: this.#newEngine({}), path: null };
    this.#onModelChanged = onModelChanged;
    this.measurements = cache ? new Measurements(db, { version: this.#reading, note: warn }) : null;
  }

  /** The engine of live analysis. */
  get engine(): EngineKeeper {
    return this.#live.engine;
  }

  /** The engine that is to work with a model from now on: one that has opened it takes the place of the last. */
  engineFor(path: string): EngineKeeper {
    if (this.#aside?.path === path) {
      this.#live.engine.closeWhenIdle();
      this.#live = this.#aside;
      this.#aside = null;
    }
    this.#live.path = path;
    return this.#live.engine;
  }

  /** An engine that has a model open, and is not taken into use for it: live analysis keeps its own. */
  async engineWith(model: InstalledModel, work: Work): Promise<EngineKeeper> {
    if (![this.#live.path, this.#aside?.path].includes(model.path)) await this.open(model, work);
    return this.#aside?.path === model.path ? this.#aside.engine : this.#live.engine;
  }

  /**
   * Opens a model: where another is in use in an engine of its own, so that work with that one goes on, whatever this one does.
   */
  async open(model: InstalledModel, work: Work): Promise<OpenedModel> {
    work.progress(figuresOf('opening-model', { subject: model.id }));
    const seen = this.#see(model);
    const stamp = this.stampOfModel(model.path);
    const opened = await this.#openIn(model.path, work);
    // What was changed while it was opened is to be opened again.
    if (this.#seen.get(model.path) === seen) {
      this.#known.set(model.path, opened);
      this.#watchFilesOf(opened, seen);
    }
    if (stamp !== null && stamp === this.stampOfModel(model.path)) this.measurements?.keepModel(stamp, opened);
    return opened;
  }

  async #openIn(path: string, { signal }: Work): Promise<OpenedModel> {
    const input = { model: this.requestFor(path) };
    if (this.#live.path === null || this.#live.path === path || this.#aside?.path === path)
      return this.engineFor(path).run('open', input, { signal });
    const own = { engine: this.#newEngine({}), path };
    this.#opening.add(own.engine);
    try {
      const opened = await own.engine.run('open', input, { signal });
      this.#aside?.engine.closeWhenIdle();
      this.#aside = own;
      setTimeout(() => this.#forgetAside(own), ASIDE_MS).unref();
      return opened;
    } catch (error) {
      own.engine.close();
      throw error;
    } finally {
      this.#opening.delete(own.engine);
    }
  }

  /** Nobody has come to use the model that it has open. */
  #forgetAside(own: EngineOfModel): void {
    if (this.#aside !== own) return;
    this.#aside = null;
    own.engine.closeWhenIdle();
  }

  /** What is known of a model as its files are now: one that any process has opened before is not opened again. */
  async known(model: InstalledModel, work: Work): Promise<OpenedModel> {
    this.#lookAt(model);
    const known = this.#known.get(model.path);
    if (known) return known;
    const remembered = await this.measurements?.model(model.path);
    if (!remembered) return this.opened(model, work);
    this.#watchFilesOf(remembered, this.#seen.get(model.path));
    return remembered;
  }

  /** What lies beside a model may be changed by others, too. */
  #watchFilesOf({ path, card, sha256 }: OpenedModel, seen: SeenModel | undefined): void {
    if (!seen) return;
    if (typeof card?.labels === 'string') watch(seen, join(dirname(path), card.labels));
    watch(seen, calibrationFile(this.dataFolder, sha256));
  }

  /**
   * What was found of a model's file is known of its copy, too, which is not opened for that.
   * @param before its stamp before it was opened, see {@link stampOfModel}
   */
  async copied(from: string, before: string | null, model: InstalledModel, opened: OpenedModel): Promise<void> {
    if (before === null || before !== this.stampOfModel(from)) return;
    const stamp = this.stampOfModel(model.path);
    const card = await readCard(model.path);
    if (stamp !== null) this.measurements?.keepModel(stamp, { ...opened, path: model.path, card });
  }

  /** Tells a model's file from what it is after any change; null where there is none. */
  stampOfModel(path: string): string | null {
    return modelStamp(path, this.#reading);
  }

  /** What is known of a model that is open in the engine; opened anew where its file or card has changed since. */
  async opened(model: InstalledModel, work: Work): Promise<OpenedModel> {
    this.#lookAt(model);
    return this.#known.get(model.path) ?? this.open(model, work);
  }

  /** A model's file, card or calibration is no longer what it was. */
  forget(model: InstalledModel): void {
    this.#see(model);
    if (this.#known.delete(model.path)) this.#onModelChanged?.(model);
  }

  /** Tells of every model in use whose file or card somebody has changed, without being asked for it. */
  lookAgain(): void {
    for (const { model } of this.#seen.values()) this.#lookAt(model);
  }

  #lookAt(model: InstalledModel): void {
    const seen = this.#seen.get(model.path);
    if (seen && [...seen.stamps].every(([file, stamp]) => stamp === stampOf(file))) return;
    this.#see(model);
    this.#known.delete(model.path);
    if (seen) this.#onModelChanged?.(model);
  }

  #see(model: InstalledModel): SeenModel {
    const seen = { model, stamps: new Map<string, string>() };
    for (const file of [model.path, cardPath(model.path)]) watch(seen, file);
    this.#seen.set(model.path, seen);
    return seen;
  }

  /** The calibrated ranges that plans need, or null. */
  async ranges(
    model: InstalledModel,
    opened: OpenedModel,
    plans: readonly PrecisionPlan[],
    images: readonly string[],
    work: Work,
  ): Promise<CalibratedRanges | null> {
    const ranges = await rangesFor(this.engineFor(opened.path), this.dataFolder, opened, plans, images, work, {
      request: this.requestFor(opened.path),
      name: model.id,
    });
    // Ranges that were found just now are no change from outside.
    const seen = this.#seen.get(model.path);
    if (seen) watch(seen, calibrationFile(this.dataFolder, opened.sha256));
    return ranges;
  }

  requestFor(path: string, device = this.device, threads?: number): ModelRequest {
    return modelRequest(path, { pixels: this.pixels, device }, threads);
  }

  /** What networks can run on here. @throws FoveaError `cancelled` */
  devices(work: Work): Promise<DeviceState[]> {
    return Promise.all(DEVICES.map((device) => this.#probe(device, work)));
  }

  /** Tried in an engine of its own, which a driver may take down. */
  async #probe(device: Device, { signal }: Work): Promise<DeviceState> {
    if (device === DEFAULT_DEVICE) return { device, missing: null };
    const engine = this.#newEngine({ bounds: { isTrial: true } });
    this.#opening.add(engine);
    try {
      return await engine.run('probe', { device }, { signal });
    } catch (error) {
      const { code, message } = toErrorRecord(error);
      if (code === 'cancelled') throw error;
      return { device, missing: message };
    } finally {
      this.#opening.delete(engine);
      engine.close();
    }
  }

  /**
   * Engines of their own for runs; whoever starts them closes them.
   * @param givesWay to whatever else this machine does
   * @param sharing engines that the memory is for
   */
  startEngines(count: number, givesWay = false, sharing = count): EngineKeeper[] {
    const bounds = { memory: memoryBound(sharing) };
    return Array.from({ length: count }, () => this.#newEngine({ givesWay, bounds }));
  }

  /** An engine that may write in a folder; whoever starts it closes it. */
  startWriter(folder: string): EngineKeeper {
    return this.#newEngine({ bounds: { writes: folder } });
  }

  close(): void {
    for (const engine of [this.#live.engine, ...this.#opening]) engine.close();
    this.#aside?.engine.close();
    this.measurements?.close();
  }
}

/** Tells how the images of a model without a card are prepared, and what else of it one should know. */
export function noteOnModel({ id }: InstalledModel, { preset, remarks }: OpenedModel, work: Work): void {
  if (preset) work.note({ note: 'preset-assumed', model: id, preset });
  for (const remark of remarks) work.note({ note: 'model-remark', model: id, remark });
}

function watch({ stamps }: SeenModel, file: string): void {
  stamps.set(file, stampOf(file));
}

/** Tells a file from what it is after any change. */
function stampOf(file: string): string {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs} ${stats.size}` : 'none';
}
