import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FoveaError, type FoveaErrorCode, toErrorRecord } from '../../src-shared/errors.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { ImageOutcome } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work, type WorkFigures, WorkMeter } from '../../src-shared/work.ts';
import { shuffled } from '../../src-shared/importance/random.ts';
import type { EngineKeeper } from '../engine/engine-keeper.ts';
import type { CalibratedRanges, EvaluationImage } from '../engine/engine-protocol.ts';
import type { ImageFrames } from '../datasets/frames.ts';
import type { ImageMaps, MapFile } from '../datasets/map-files.ts';
import { checkPresence } from '../datasets/dataset-presence.ts';
import { FileDigests } from '../files/digest.ts';
import { isFileLocked } from '../files/sqlite-file.ts';
import type { AnsweringModel } from '../engine/answering-model.ts';
import type { ModelRequest } from '../engine/inside/opened-model.ts';
import type { RunWriter } from '../store/run-writer.ts';
import { LOCK_PATIENCE_MS, LOCK_RETRY_MS } from './patience.ts';

export type Engine = Pick<EngineKeeper, 'run'>;

export interface PendingRun {
  readonly writer: RunWriter;
  /** Absolute path of the dataset's folder. */
  readonly root: string;
  /** Those of the run, in its order. */
  readonly plans: readonly PrecisionPlan[];
  readonly model: ModelRequest;
  /** See `EngineTasks.evaluate`. */
  readonly as?: AnsweringModel;
  readonly ranges: CalibratedRanges | null;
  /** By image, where plans take importance maps; default: none do. */
  readonly maps?: ImageMaps | null;
  /** By image, where plans take the map of the frame before. */
  readonly frames?: ImageFrames | null;
  /** Also count zeros, one-bits, clipping and noise. */
  readonly counts: boolean;
  /** For an oracle alone: see `EngineTasks.evaluate`. Default: all plans for all images. */
  readonly ladders?: readonly (readonly number[])[] | null;
  /** Of files that may have been read already. */
  readonly digests?: FileDigests;
  /** Look up what other runs and analyses have measured; default true. */
  readonly lookUp?: boolean;
  /** At least one; all are kept busy. */
  readonly engines: readonly Engine[];
  /** Images are done in an order drawn from it: what is known early on is a fair sample. Default: in the order of their paths. */
  readonly orderSeed?: number | undefined;
  /** What to call the work. */
  readonly stage?: WorkFigures;
}

/**
 * Seconds of work in one call to an engine: enough images that most are read while others are at inference, few enough to lose
 * without regret.
 */
const CALL_SECONDS = 1;
/** An engine runs a single image at the price of two, see `evaluation.ts`. */
const MIN_IMAGES_PER_CALL = 2;
const MAX_IMAGES_PER_CALL = 64;
/** While an engine works on one call, the next one waits at its door. */
const CALLS_AT_ONCE = 2;
/** Images that keep an engine busy. */
export const IMAGES_OF_AN_ENGINE = CALLS_AT_ONCE * MIN_IMAGES_PER_CALL;
/** Seconds between two batches written to the store. */
const WRITE_SECONDS = 0.5;
/** Outcomes that wait for it at most: what is written soon does not fill the memory. */
const MAX_WAITING = 256;
/** So many crashes of each engine in a row, with no image done in between, and it is not the images that are the cause. */
const MAX_CRASHES = 4;
/** An engine can be killed from outside while it is at a single image, and again: an image that ends engines does so each time. */
const ATTEMPTS_ALONE = 5;

const CRASHES: readonly FoveaErrorCode[] = ['engine-crashed', 'engine-hung', 'engine-memory'];

/**
 * Evaluates what is pending of a run, and writes it as it comes. What the store has from other runs is not computed again. An
 * image that takes its engine down with it fails alone. Does not finish the run.
 * @throws FoveaError `cancelled`; `engine-crashed` when no image goes through; `dataset-unreadable` when the folder goes away;
 * `model-…`, `store-…`. What came before is kept.
 */
export async function evaluatePending(run: PendingRun, work: Work): Promise<void> {
  const { writer, engines } = run;
  const wantedImages = writer.pending();
  const labels = new Map(wantedImages.map(({ path, label }) => [path, label]));
  const paths = wantedImages.map(({ path }) => path);
  const pending = run.orderSeed === undefined ? paths : shuffled(paths, run.orderSeed);
  const { stage = figuresOf('evaluating') } = run;
  const meter = new WorkMeter(work, { ...stage, total: pending.length }, () => performance.now());
  const written = new WriteBuffer(writer);
  // Without any result of these plans there is nothing to look up, and no need to read every file twice.
  const lookUp = run.lookUp !== false && writer.hasResults();
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const suspects: string[] = [];
  let next = 0;
  let imagesPerCall = MIN_IMAGES_PER_CALL;
  let crashes = 0;
  let anyDone = false;

  function settle(outcomes: readonly ImageOutcome[]): void {
    written.add(outcomes);
    meter.advance(outcomes.length, outcomes.filter((outcome) => 'failure' in outcome).length);
  }

  /**
   * @param expectCrash the images are suspected to end their engine: that some do is no sign that all will
   * @returns the error that ended the engine, if one did
   */
  async function evaluate(engine: Engine, paths: readonly string[], expectCrash: boolean): Promise<FoveaError | null> {
    if (signal.aborted) throw new FoveaError('cancelled', 'cancelled');
    const { mapless, mapped } = partedByMap(run.maps ?? null, paths);
    const { known, wanted } = lookUp ? await lookedUp(run, mapped) : { known: [], wanted: everything(run, mapped) };
    settle([...mapless, ...known]);
    if (wanted.length === 0) return null;
    const { model, as, plans, ranges, counts, root, ladders } = run;
    const start = performance.now();
    try {
      const images = wanted.map(({ path, ...rest }) => ({
        path: join(root, path),
        ...rest,
        ...(ladders ? { label: labels.get(path) ?? null } : {}),
        ...mapIn(run.maps, path),
        ...(run.frames ? { before: run.frames.get(path) ?? [] } : {}),
      }));
      const order = { model, ...(as ? { as } : {}), images, plans, ranges, counts, ...(ladders ? { ladders } : {}) };
      const evaluated = await engine.run('evaluate', order, { signal });
      // A folder that is no longer mounted is no failure of its images.
      if (evaluated.some(isGone)) await checkPresence(root, pending, 'Bring it back, or mount it again.');
      settle(evaluated.map((outcome, index) => ({ ...outcome, path: wanted[index]!.path })));
    } catch (error) {
      if (!(error instanceof FoveaError) || !CRASHES.includes(error.code)) throw error;
      if (++crashes > MAX_CRASHES * engines.length && !(expectCrash && anyDone)) throw error;
      return error;
    }
    crashes = 0;
    anyDone = true;
    const seconds = (performance.now() - start) / 1000 / CALLS_AT_ONCE;
    const fitting = Math.round((wanted.length * CALL_SECONDS) / seconds);
    imagesPerCall = Math.max(MIN_IMAGES_PER_CALL, Math.min(fitting, 2 * imagesPerCall, MAX_IMAGES_PER_CALL));
    return null;
  }

  async function proceed(engine: Engine): Promise<void> {
    while (next < pending.length) {
      // Towards the end calls get shorter, so that the engines end together.
      const share = Math.ceil((pending.length - next) / (engines.length * CALLS_AT_ONCE));
      const paths = pending.slice(next, next + Math.max(MIN_IMAGES_PER_CALL, Math.min(imagesPerCall, share)));
      next += paths.length;
      if (await evaluate(engine, paths, false)) suspects.push(...paths);
    }
  }

  /** Of several images in an engine that crashed, only trying each alone can tell which it was. */
  async function examine(engine: Engine): Promise<void> {
    for (let path = suspects.shift(); path !== undefined; path = suspects.shift()) {
      let crash = await evaluate(engine, [path], true);
      // A hang takes long enough once.
      for (let attempt = 1; crash?.code === 'engine-crashed' && attempt < ATTEMPTS_ALONE; attempt++)
        crash = await evaluate(engine, [path], true);
      if (crash) settle([{ path, failure: toErrorRecord(crash) }]);
    }
  }

  async function all(works: readonly Promise<void>[]): Promise<void> {
    try {
      await Promise.all(works);
    } catch (error) {
      stop.abort();
      // The others end by the same cause; nothing may be written any more once this function has returned.
      await Promise.allSettled(works);
      throw error;
    }
  }

  try {
    await all(engines.flatMap((engine) => Array.from({ length: CALLS_AT_ONCE }, () => proceed(engine))));
    await all(engines.map(examine));
  } finally {
    await written.end();
  }
  // What was known of an image may have gone, with the run that had it, before this one could say that it has it, too.
  if (lookUp && writer.pending().length > 0) await evaluatePending({ ...run, lookUp: false }, work);
}

/** Images that have no usable map where one is needed fail alone. */
function partedByMap(maps: ImageMaps | null, paths: readonly string[]) {
  const mapless: ImageOutcome[] = [];
  const mapped: string[] = [];
  for (const path of paths) {
    const map = maps?.get(path);
    if (map && 'code' in map) mapless.push({ path, failure: map });
    else mapped.push(path);
  }
  return { mapless, mapped };
}

function mapIn(maps: ImageMaps | null | undefined, path: string): { readonly map?: MapFile } {
  const map = maps?.get(path);
  return map && 'sha256' in map ? { map } : {};
}

const GONE: readonly FoveaErrorCode[] = ['image-missing', 'image-unreadable'];

function isGone(outcome: ImageOutcome): boolean {
  return 'failure' in outcome && GONE.includes(outcome.failure.code);
}

function everything({ plans }: PendingRun, paths: readonly string[]): EvaluationImage[] {
  return paths.map((path) => ({ path, plans: [...plans.keys()], baseline: true }));
}

/** Parts images into those the store knows all about, and those of which something is wanted. */
async function lookedUp(
  run: PendingRun,
  paths: readonly string[],
): Promise<{ readonly known: ImageOutcome[]; readonly wanted: EvaluationImage[] }> {
  const { digests: files = new FileDigests() } = run;
  const digests = await Promise.all(paths.map((path) => files.of(join(run.root, path)).catch(() => null)));
  const known: ImageOutcome[] = [];
  const wanted: EvaluationImage[] = [];
  paths.forEach((path, index) => {
    const sha256 = digests[index]!;
    // The engine says better what is wrong with a file that cannot be read.
    if (sha256 === null) return wanted.push(...everything(run, [path]));
    const { baseline, plans } = run.writer.missing(sha256);
    // What an image needs of a ladder, its climb alone tells.
    if (run.ladders && (baseline || plans.length > 0)) return wanted.push(...everything(run, [path]));
    if (baseline || plans.length > 0) return wanted.push({ path, baseline, plans });
    return known.push({ path, sha256, baseline: null, results: [] });
  });
  return { known, wanted };
}

/** Collects what is done, and writes it twice a second; while another process has the store locked, later. */
class WriteBuffer {
  readonly #writer: RunWriter;
  #outcomes: ImageOutcome[] = [];
  #last = performance.now();
  #lockedSince: number | null = null;

  constructor(writer: RunWriter) {
    this.#writer = writer;
  }

  add(outcomes: readonly ImageOutcome[]): void {
    this.#outcomes.push(...outcomes);
    if (this.#outcomes.length >= MAX_WAITING || performance.now() - this.#last >= WRITE_SECONDS * 1000) this.#flush();
  }

  /** Writes what is left. */
  async end(): Promise<void> {
    for (this.#flush(); this.#outcomes.length > 0; this.#flush()) await setTimeout(LOCK_RETRY_MS);
  }

  #flush(): void {
    if (this.#outcomes.length === 0) return;
    const now = performance.now();
    try {
      this.#writer.write(this.#outcomes, (now - this.#last) / 1000);
    } catch (error) {
      this.#lockedSince ??= now;
      if (isFileLocked(error) && now - this.#lockedSince < LOCK_PATIENCE_MS) return;
      throw error;
    }
    this.#outcomes = [];
    this.#last = now;
    this.#lockedSince = null;
  }
}
