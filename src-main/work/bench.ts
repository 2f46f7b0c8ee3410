import { availableParallelism } from 'node:os';
import type { Accelerator } from '../../src-shared/energy/accelerators/parameters.ts';
import type { Analysis } from '../../src-shared/analysis.ts';
import { estimateAll } from '../../src-shared/energy/energy.ts';
import type { ClassScore } from '../../src-shared/measurement.ts';
import { bitsOfLayers, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { TopClasses } from '../../src-shared/runs/run-record.ts';
import { rangesFor } from '../models/calibration.ts';
import { EngineKeeper, type EngineStateListener } from '../engine/engine-keeper.ts';
import type { CalibratedRanges, EngineProgress } from '../engine/engine-protocol.ts';
import { ModelLibrary, type InstalledModel } from '../models/model-library.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';
import type { SpawnProcess } from '../engine/process-port.ts';
import { runsFile } from '../files/data-folder.ts';
import { Measurements } from '../store/measurements.ts';
import { modelStamp } from '../store/opened-models.ts';
import { measure, type MeasuredImage } from './measure.ts';

export interface BenchOptions {
  readonly version: string;
  readonly dataFolder: string;
  /** The bundled engine. */
  readonly engineScript: string;
  readonly spawn: SpawnProcess;
  readonly warn: (message: string) => void;
  /** The store that measurements are looked up and kept in, or null for none. Default: the one in the data folder. */
  readonly store?: string | null;
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

/** Models, one engine, and what was measured before. Owns the engine process. */
export class Bench {
  readonly library: ModelLibrary;
  readonly engine: EngineKeeper;
  readonly dataFolder: string;
  readonly version: string;
  /** Null when nothing is to be looked up or kept. */
  readonly measurements: Measurements | null;
  readonly #newEngine: () => EngineKeeper;
  readonly #opened = new Map<string, OpenedModel>();

  constructor({ version, dataFolder, engineScript, spawn, warn, store, onEngineState }: BenchOptions) {
    this.version = version;
    this.dataFolder = dataFolder;
    this.library = new ModelLibrary(dataFolder);
    this.engine = new EngineKeeper({
      script: engineScript,
      spawn,
      ...(onEngineState ? { onState: onEngineState } : {}),
    });
    this.#newEngine = () => new EngineKeeper({ script: engineScript, spawn });
    this.measurements =
      store === null ? null : new Measurements(store ?? runsFile(dataFolder), { version, note: warn });
  }

  /** Opens a model in the engine. */
  async open(model: InstalledModel, { signal, onProgress }: WorkOptions = {}): Promise<OpenedModel> {
    onProgress?.(`opening ${model.id}`, { done: 0, total: 1 });
    const stamp = modelStamp(model.path, this.version);
    const opened = await this.engine.run('open', { model: requestFor(model.path) }, signal ? { signal } : {});
    this.#opened.set(model.path, opened);
    // What was changed while it was opened is to be opened again.
    if (stamp !== null && stamp === modelStamp(model.path, this.version)) this.measurements?.keepModel(stamp, opened);
    return opened;
  }

  /** What is known of a model as its files are now: one that any process has opened before is not opened again. */
  async known(model: InstalledModel, options: WorkOptions = {}): Promise<OpenedModel> {
    return (await this.measurements?.model(model.path)) ?? this.open(model, options);
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
    const opened = await this.known(model, options);
    const ranges = order.ranges ?? (await this.ranges(opened, [plan], [image], options));
    const measured = await measure(
      this.engine,
      this.measurements,
      { image, model: opened, request: requestFor(model.path), plan, ranges, counts },
      options.signal,
    );
    if (measured.modelChanged) this.forget(model);
    return analysisOf(this.version, image, model, opened, plan, measured, order.accelerators);
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
  startEngines(count: number): EngineKeeper[] {
    return Array.from({ length: count }, this.#newEngine);
  }

  price(...input: Parameters<typeof estimateAll>): ReturnType<typeof estimateAll> {
    return estimateAll(...input);
  }

  close(): void {
    this.engine.close();
    this.measurements?.close();
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
  measured: MeasuredImage,
  accelerators: readonly Accelerator[],
): Analysis {
  const baseline = scoresOf(measured.baseline, opened.labels);
  const quantised = scoresOf(measured.quantised, opened.labels);
  const answer = baseline[0]!.class;
  return {
    version,
    image: { path, ...measured.image },
    model: { id: model.id, sha256: opened.sha256 },
    plan: { ...plan, layerBits: bitsOfLayers(plan, opened) },
    baseline: { top: baseline },
    quantised: { top: quantised },
    top1Kept: quantised[0]!.class === answer,
    top5Kept: quantised.some((score) => score.class === answer),
    importance: measured.importance,
    layers: measured.layers,
    energy: estimateAll(accelerators, measured.layers).estimates,
    fromEarlierRun: measured.fromEarlierRun,
    timings: measured.timings,
  };
}

function scoresOf({ classes, probabilities }: TopClasses, labels: readonly string[]): ClassScore[] {
  return classes.map((index, rank) => ({
    class: index,
    label: labels[index] ?? `class ${index}`,
    probability: probabilities[rank]!,
  }));
}
