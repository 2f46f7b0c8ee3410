import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Analysis } from '../../src-shared/analysis.ts';
import { toErrorRecord, type ErrorRecord, type FoveaErrorCode } from '../../src-shared/errors.ts';
import { keepRecent } from '../../src-shared/keep-recent.ts';
import type { Client } from '../link/client.ts';
import type { Messages } from '../shell/messages.svelte.ts';
import { onceSettled } from '../settled.ts';
import { Latest } from '../link/latest.svelte.ts';
import { planOptions, type PlanSettings } from '../plan/plan-settings.ts';
import { keyOf, sameSubject, subjectKey, type Question, type Subject } from './question.ts';

interface Answer {
  readonly question: Question;
  readonly analysis: Analysis;
}

interface Known {
  readonly analysis: Analysis;
  /** It holds the counts that take longer: zeros, one-bits, noise. */
  readonly counted: boolean;
}

/** Results kept, so that going back to an image or undoing a change shows at once; each plan brings those it is held against. */
const REMEMBERED_RESULTS = 600;
/** A plan that has not changed for so long has come to rest. */
const COUNT_AFTER_MS = 200;
/** Long enough to read that something went wrong. */
const REPEAT_AFTER_MS = 1500;
const ENGINE_FAILURES: readonly FoveaErrorCode[] = ['engine-crashed', 'engine-hung'];
/** Nobody answered: asked again when the connection is back, however late, and nothing that the image did. */
const UNANSWERED: FoveaErrorCode = 'host-gone';

/** The result of the question on screen, and those of the questions before it. */
export class Results {
  readonly #client: Client;
  readonly #messages: Messages;
  readonly #question: () => Question | null;
  readonly #known = new SvelteMap<string, Known>();
  readonly #failures = new SvelteMap<string, ErrorRecord>();
  /** Of each image, model and revision the last result, whatever its plan. */
  readonly #last = new SvelteMap<string, Analysis>();
  #lastCounted = $state.raw<Answer | null>(null);
  /** The question that was asked again after the engine was lost: a second loss on the same is not tried a third time. */
  #repeated: string | null = null;
  readonly #live: Latest<Question, void>;
  #connected = $state(true);

  /** The result of the shown image and model, under the shown plan or the one just before it. */
  readonly current: Analysis | null = $derived.by(() => {
    const question = this.#question();
    return question && (this.of(question) ?? this.lastOf(question));
  });

  /** The last result of the shown image and model that holds all counts, whatever its plan. */
  readonly lastCounted: Analysis | null = $derived.by(() => {
    const question = this.#question();
    const last = this.#lastCounted;
    return question && last && sameSubject(last.question, question) ? last.analysis : null;
  });

  /** @param question what is on screen */
  constructor(client: Client, messages: Messages, question: () => Question | null) {
    this.#client = client;
    this.#messages = messages;
    this.#question = question;
    this.#live = new Latest<Question, void>({
      ask: (asked, signal) => this.#analyse(asked, signal),
      related: sameSubject,
      onError: (thrown, asked) => this.#fail(thrown, asked),
    });
    client.onConnection((connected) => {
      this.#connected = connected;
      const asked = this.#question();
      if (connected && asked && this.failureOf(asked)?.code === UNANSWERED) this.retry();
    });
  }

  get connected(): boolean {
    return this.#connected;
  }

  /** From a change to the result of the newest one. */
  get busy(): boolean {
    return this.#live.busy;
  }

  of(question: Question): Analysis | null {
    return this.#known.get(keyOf(question))?.analysis ?? null;
  }

  /** The last result of the image and model under any plan that was on screen. */
  lastOf(subject: Subject): Analysis | null {
    return this.#last.get(subjectKey(subject)) ?? null;
  }

  /** Whether a result is known with all its counts. */
  isWhole(question: Question): boolean {
    return this.#known.get(keyOf(question))?.counted === true;
  }

  failureOf(question: Question): ErrorRecord | null {
    return this.#failures.get(keyOf(question)) ?? null;
  }

  /** Follows the question for as long as the component that calls it lives. */
  follow(): void {
    $effect(() => {
      const question = this.#question();
      const known = question && untrack(() => this.of(question));
      if (question && !known) return this.#live.ask(question);
      // What was asked before it is no more waited for.
      this.#live.clear();
      if (question && known) this.#last.set(subjectKey(question), known);
    });
    $effect(() => {
      const question = this.#question();
      if (!this.#connected || !question || this.busy || this.#known.get(keyOf(question))?.counted !== false) return;
      return onceSettled(COUNT_AFTER_MS, (signal) => void this.#count(question, signal));
    });
  }

  retry(): void {
    const question = this.#question();
    if (question) this.#live.ask(question);
  }

  /** The quick part of an analysis: what is to follow a slider. */
  async #analyse(question: Question, signal: AbortSignal): Promise<void> {
    const analysis = await this.#run(question, false, signal);
    const key = keyOf(question);
    this.#remember(key, { analysis, counted: false });
    this.#last.set(subjectKey(question), analysis);
    this.#failures.delete(key);
    if (this.#repeated === key) this.#messages.done('A new engine was started, and the analysis repeated.');
    this.#repeated = null;
  }

  async #count(question: Question, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const analysis = await this.#run(question, true, signal);
      const key = keyOf(question);
      // The time told is that of the answer, not of the counting after it.
      const { timings } = this.#known.get(key)?.analysis ?? analysis;
      this.#remember(key, { analysis: { ...analysis, timings }, counted: true });
      this.#lastCounted = { question, analysis };
    } catch (thrown) {
      if (signal.aborted) return;
      this.#messages.error(thrown);
      if (this.#mayRepeat(question, toErrorRecord(thrown)))
        setTimeout(() => void this.#count(question, signal), REPEAT_AFTER_MS);
    }
  }

  /** Analyses a subject under several plans, all counts included, but for those that are known. */
  async several(subject: Subject, plans: readonly PlanSettings[], signal: AbortSignal): Promise<void> {
    const asked = plans.map((settings) => ({ ...subject, settings }));
    const missing = asked.filter((question) => this.#known.get(keyOf(question))?.counted !== true);
    if (missing.length === 0) return;
    const { imageId, modelId } = subject;
    const input = { imageId, modelId, plans: missing.map(({ settings }) => planOptions(settings)) };
    const analyses = await this.#client.call('analysis.several', input, { signal });
    for (const [index, analysis] of analyses.entries())
      this.#remember(keyOf(missing[index]!), { analysis, counted: true });
  }

  /** Analyses what may be looked at next, unless it is known. */
  async ahead(question: Question, signal: AbortSignal): Promise<void> {
    if (signal.aborted || this.of(question) || this.failureOf(question)) return;
    try {
      const analysis = await this.#run(question, false, signal);
      this.#remember(keyOf(question), { analysis, counted: false });
      this.#last.set(subjectKey(question), analysis);
    } catch (thrown) {
      const error = toErrorRecord(thrown);
      // What the engine lost is asked again when it is looked at.
      if (error.code !== 'cancelled' && error.code !== UNANSWERED && !ENGINE_FAILURES.includes(error.code))
        this.#failures.set(keyOf(question), error);
    }
  }

  #run({ imageId, modelId, settings }: Question, counts: boolean, signal: AbortSignal): Promise<Analysis> {
    const input = { imageId, modelId, plan: planOptions(settings), counts };
    return this.#client.call('analysis.run', input, { signal });
  }

  #remember(key: string, known: Known): void {
    keepRecent(this.#known, key, known, REMEMBERED_RESULTS);
  }

  #fail(thrown: unknown, question: Question): void {
    const error = toErrorRecord(thrown);
    if (error.code === 'cancelled') return;
    this.#failures.set(keyOf(question), error);
    if (ENGINE_FAILURES.includes(error.code)) setTimeout(() => this.#repeat(), REPEAT_AFTER_MS);
  }

  /** What a lost engine did not finish is asked again, once: the next request starts a new engine. */
  #repeat(): void {
    const question = this.#question();
    const failure = question && this.failureOf(question);
    if (failure && this.#mayRepeat(question, failure)) this.retry();
  }

  #mayRepeat(question: Question, failure: ErrorRecord): boolean {
    const key = keyOf(question);
    if (!ENGINE_FAILURES.includes(failure.code) || this.#repeated === key) return false;
    this.#repeated = key;
    return true;
  }
}
