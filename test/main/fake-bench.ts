import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ImageMeasurement } from '../../src-main/engine/inside/image-analysis.ts';
import type { ModelRequest, OpenedModel } from '../../src-main/engine/inside/opened-model.ts';
import type { FromEngine, TaskInput, TaskName, TaskResult, ToEngine } from '../../src-main/engine/engine-protocol.ts';
import type { SpawnProcess } from '../../src-main/engine/process-port.ts';
import { Bench, type BenchOptions } from '../../src-main/work/bench.ts';
import { toErrorRecord } from '../../src-shared/errors.ts';
import { presetPreprocessing } from '../../src-shared/preprocessing.ts';
import type { WorkFigures, WorkNote, Work } from '../../src-shared/work.ts';
import { CLASSES, LAYERS, outcomeOf, sha256 } from './store/stored-runs.ts';

/** What an engine answers; what is not given is answered as a tiny network would that always says the same. */
export type EngineAnswers = {
  readonly [Name in TaskName]?: (input: TaskInput<Name>) => TaskResult<Name> | Promise<TaskResult<Name>>;
};

export function tinyModel({ path }: ModelRequest): OpenedModel {
  return {
    path,
    sha256: sha256('tiny'),
    bytes: 1000,
    externalFiles: [],
    signature: { inputName: 'image', inputShape: [null, 3, 224, 224], outputName: 'scores', outputShape: [null, 10] },
    card: null,
    preprocessing: presetPreprocessing('imagenet', { layout: 'NCHW', channelCount: 3, height: 224, width: 224 }),
    preset: 'imagenet',
    outputKind: 'probabilities',
    labels: CLASSES,
    classes: CLASSES.length,
    layers: LAYERS,
    leftOut: [],
    remarks: [],
    readsImage: LAYERS.map((_, index) => index === 0),
    tensorOfLayer: LAYERS.map((_, index) => index),
    withoutActivation: null,
    opset: 13,
  };
}

/** What an engine says of the model it has used. */
export function usedModel(request: ModelRequest): ImageMeasurement['model'] {
  const { sha256: digest, preprocessing, outputKind } = tinyModel(request);
  return { sha256: digest, preprocessing, outputKind };
}

const ANSWERS: EngineAnswers = {
  open: ({ model }) => tinyModel(model),
  analyse: ({ model, image, plan }) => {
    const outcome = outcomeOf(image, 1);
    if ('failure' in outcome) throw new Error('outcomes of tests do not fail');
    return {
      image: { sha256: outcome.sha256, width: 400, height: 300, remarks: [] },
      model: usedModel(model),
      baseline: Float32Array.from(CLASSES, (_, index) => (index === 0 ? 1 : 0)),
      quantised: Float32Array.from(CLASSES, (_, index) => (index === 0 ? 1 : 0)),
      importance: { metric: plan.metric, grid: [1, 1], values: [0], levels: [0] },
      layers: outcome.results[0]!.layers,
      timings: { decodeMs: 1, importanceMs: 1, inferenceMs: 1, totalMs: 3 },
    };
  },
  evaluate: ({ images, plans }) => images.map(({ path }) => outcomeOf(path, plans.length)),
};

/** Engines in this process, which answer as they are told. */
export function fakeEngines(answers: EngineAnswers = {}): SpawnProcess {
  const all = { ...ANSWERS, ...answers };
  return () => {
    let listener: (message: FromEngine) => void = () => undefined;
    let alive = true;
    const reply = (message: FromEngine) => {
      if (alive) listener(message);
    };
    const answer = async ({ id, name, input }: Extract<ToEngine, { kind: 'task' }>) => {
      try {
        const own = all[name];
        if (!own) throw new Error(`these engines do not ${name}`);
        // Name and input belong together by the protocol.
        reply({ kind: 'result', id, result: await (own as (given: unknown) => TaskResult<TaskName>)(input) });
      } catch (error) {
        reply({ kind: 'error', id, error: toErrorRecord(error) });
      }
    };
    let last: Promise<void> = Promise.resolve();
    return {
      send(message) {
        const told = message as ToEngine;
        if (told.kind === 'task') last = last.then(() => answer(told));
      },
      onMessage: (own) => (listener = own),
      onExit: () => undefined,
      kill: () => (alive = false),
    };
  };
}

/** The bench of both doors, over engines that answer as they are told. */
export function fakeBench(folder: string, answers: EngineAnswers = {}, options: Partial<BenchOptions> = {}): Bench {
  const dataFolder = join(folder, 'data');
  mkdirSync(dataFolder, { recursive: true });
  const bench = new Bench({
    version: '1.2.3',
    dataFolder,
    db: join(folder, 'runs.sqlite'),
    engineScript: '',
    spawn: fakeEngines(answers),
    ...options,
  });
  onTestFinished(() => bench.close());
  return bench;
}

/** Work that nobody stops unless told to, with what it has said. */
export function heardWork(): Work & {
  readonly stop: AbortController;
  readonly figures: WorkFigures[];
  readonly notes: WorkNote[];
} {
  const stop = new AbortController();
  const figures: WorkFigures[] = [];
  const notes: WorkNote[] = [];
  return {
    stop,
    figures,
    notes,
    signal: stop.signal,
    progress: (told) => void figures.push(told),
    note: (told) => void notes.push(told),
  };
}
