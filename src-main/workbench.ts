import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Accelerator } from '../src-shared/energy/accelerators/parameters.ts';
import type { Analysis } from '../src-shared/analysis.ts';
import { topClasses } from '../src-shared/measurement.ts';
import type { PrecisionPlan } from '../src-shared/precision/precision-plan.ts';
import { rangesFor } from './engine/calibration.ts';
import { EnergyCache } from './energy/energy-cache.ts';
import { EngineHost, type EngineStateListener } from './engine/engine-host.ts';
import type { CalibratedRanges, EngineProgress } from './engine/engine-protocol.ts';
import type { ImageMeasurement } from './engine/image-analysis.ts';
import { ModelLibrary, type InstalledModel } from './models/model-library.ts';
import type { ModelRequest, OpenedModel } from './engine/opened-model.ts';
import type { SpawnProcess } from './process-port.ts';

export interface WorkbenchOptions {
  readonly version: string;
  readonly dataFolder: string;
  /** The bundled engine. */
  readonly engineScript: string;
  readonly spawn: SpawnProcess;
  readonly warn: (message: string) => void;
  readonly onEngineState?: EngineStateListener;
}

/** One image to analyse. */
export interface AnalysisOrder {
  readonly image: string;
  readonly model: InstalledModel;
  readonly plan: PrecisionPlan;
  readonly accelerators: readonly Accelerator[];
  /** Also count zeros, one-bits, clipping and noise. */
  readonly counts: boolean;
  /** Ranges to use with range `layer`; without them the model's own, or the image's. */
  readonly ranges?: CalibratedRanges | null;
}

export interface WorkOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (stage: string, progress: EngineProgress) => void;
}

/** Models, one engine and the price of what it measures. Owns the engine process and the energy cache. */
export class Workbench {
  readonly library: ModelLibrary;
  readonly engine: EngineHost;
  readonly dataFolder: string;
  readonly version: string;
  readonly #energy: EnergyCache;
  readonly #newEngine: () => EngineHost;
  readonly #opened = new Map<string, OpenedModel>();

  constructor({ version, dataFolder, engineScript, spawn, warn, onEngineState }: WorkbenchOptions) {
    this.version = version;
    this.dataFolder = dataFolder;
    this.library = new ModelLibrary(dataFolder);
    this.engine = new EngineHost({ script: engineScript, spawn, ...(onEngineState ? { onState: onEngineState } : {}) });
    this.#newEngine = () => new EngineHost({ script: engineScript, spawn });
    this.#energy = new EnergyCache(join(dataFolder, 'energy-cache.sqlite'), version, warn);
  }

  /** Opens a model in the engine. */
  async open(model: InstalledModel, { signal, onProgress }: WorkOptions = {}): Promise<OpenedModel> {
    onProgress?.(`opening ${model.id}`, { done: 0, total: 1 });
    const opened = await this.engine.run('open', { model: requestFor(model.path) }, signal ? { signal } : {});
    this.#opened.set(model.path, opened);
    return opened;
  }

  /** What is known of a model, opened before or now. */
  async opened(model: InstalledModel, options: WorkOptions = {}): Promise<OpenedModel> {
    return this.#opened.get(model.path) ?? this.open(model, options);
  }

  /** A model's card or calibration has changed. */
  forget(model: InstalledModel): void {
    this.#opened.delete(model.path);
  }

  async analyse(order: AnalysisOrder, options: WorkOptions = {}): Promise<Analysis> {
    const { image, model, plan, counts } = order;
    const opened = await this.opened(model, options);
    const ranges = order.ranges ?? (await this.ranges(opened, [plan], [image], options));
    const measurement = await this.engine.run(
      'analyse',
      { model: requestFor(model.path), image, plan, ranges, counts },
      options.signal ? { signal: options.signal } : {},
    );
    return analysisOf(
      this.version,
      image,
      model,
      opened,
      plan,
      measurement,
      (layers) => this.price(order.accelerators, layers).estimates,
    );
  }

  /** The calibrated ranges that plans need, or null. */
  ranges(
    model: OpenedModel,
    plans: readonly PrecisionPlan[],
    images: readonly string[],
    { signal, onProgress }: WorkOptions = {},
    onCalibrated?: (images: number) => void,
  ): Promise<CalibratedRanges | null> {
    return rangesFor(this.engine, this.dataFolder, model, plans, images, {
      threads: requestFor(model.path).threads!,
      ...(signal ? { signal } : {}),
      onProgress: (progress) => onProgress?.('calibrating ranges', progress),
      ...(onCalibrated ? { onCalibrated } : {}),
    });
  }

  /** Engines of their own for folder runs; whoever starts them closes them. */
  startEngines(count: number): EngineHost[] {
    return Array.from({ length: count }, this.#newEngine);
  }

  price(...input: Parameters<EnergyCache['estimateAll']>): ReturnType<EnergyCache['estimateAll']> {
    return this.#energy.estimateAll(...input);
  }

  close(): void {
    this.engine.close();
    this.#energy.close();
  }
}

/** One image at a time may use all cores. */
export function requestFor(path: string): ModelRequest {
  return { path, threads: availableParallelism() };
}

function analysisOf(
  version: string,
  path: string,
  model: InstalledModel,
  opened: OpenedModel,
  plan: PrecisionPlan,
  measurement: ImageMeasurement,
  price: (layers: ImageMeasurement['layers']) => Analysis['energy'],
): Analysis {
  const baseline = topClasses(measurement.baseline, 5, opened.labels);
  const quantised = topClasses(measurement.quantised, 5, opened.labels);
  const answer = baseline[0]!.class;
  return {
    version,
    image: { path, ...measurement.image },
    model: { id: model.id, sha256: opened.sha256 },
    plan: { ...plan, layerBits: measurement.layerBits },
    baseline: { top: baseline },
    quantised: { top: quantised },
    top1Kept: quantised[0]!.class === answer,
    top5Kept: quantised.some((score) => score.class === answer),
    importance: measurement.importance,
    layers: measurement.layers,
    leftOut: opened.leftOut,
    energy: price(measurement.layers),
    timings: measurement.timings,
  };
}
