import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Analysis } from '../../src-shared/analysis.ts';
import type { Condition } from '../../src-shared/commands.ts';
import type { FileReference, OpenedFiles, Settings } from '../../src-shared/contract.ts';
import { toErrorRecord, type ErrorRecord, type FoveaErrorCode } from '../../src-shared/errors.ts';
import type { AppState, LongWork } from '../app.svelte.ts';
import { conditionsThatHold } from '../conditions.ts';
import { History } from '../history.svelte.ts';
import { Latest } from '../latest.svelte.ts';
import { commandLine } from './command-line.ts';
import { energyRows, FIRST_ACCELERATOR } from './energy-rows.ts';
import { ImageList } from './image-list.svelte.ts';
import { DEFAULT_SETTINGS, planOptions, sameSettings, settingsOfOptions, type PlanSettings } from './plan-settings.ts';
import { PhotoLoader } from './photo-loader.svelte.ts';
import { ViewOptions } from './view-options.svelte.ts';

/** What an analysis answers: the image, the model and the plan. */
interface Question {
  readonly imageId: string;
  readonly modelId: string;
  readonly settings: PlanSettings;
}

interface Answer {
  readonly question: Question;
  readonly analysis: Analysis;
}

/** Results kept, so that going back to an image or undoing a change shows at once. */
const REMEMBERED_RESULTS = 200;
const REMEMBER_SETTINGS_AFTER_MS = 500;
/** Long enough to read that something went wrong. */
const REPEAT_AFTER_MS = 1500;
const ENGINE_FAILURES: ReadonlySet<FoveaErrorCode> = new Set(['engine-crashed', 'engine-hung', 'host-gone']);

/** The Analyse place: images, the plan, and the result that follows both. */
export class AnalyseState {
  readonly app: AppState;
  readonly images = new ImageList();
  readonly plan = new History<PlanSettings>(DEFAULT_SETTINGS, sameSettings);
  readonly view = new ViewOptions();
  readonly photos: PhotoLoader;
  /** Whether the dialogs are open. */
  savingRun = $state(false);
  opening = $state(false);
  #restored = $state(false);
  readonly #failures = new SvelteMap<string, ErrorRecord>();
  readonly #results = new SvelteMap<string, Analysis>();
  /** The question that was asked again after a crash: a second crash of the same is not tried a third time. */
  #repeated: string | null = null;
  readonly #live: Latest<Question, Answer>;

  /** What is looked at, whatever the plan; it stays the same object while a plan changes. */
  readonly subject: Pick<Question, 'imageId' | 'modelId'> | null = $derived.by(() => {
    const image = this.images.selected;
    const model = this.app.model;
    return image && model ? { imageId: image.id, modelId: model.id } : null;
  });

  readonly question: Question | null = $derived(this.subject && { ...this.subject, settings: this.plan.current });

  /** The result on screen: of the shown image and model, and of the shown plan or the one just before it. */
  readonly analysis: Analysis | null = $derived.by(() => {
    const question = this.question;
    if (!question) return null;
    const exact = this.#results.get(keyOf(question));
    if (exact) return exact;
    const latest = this.#live.answer;
    return latest?.question.imageId === question.imageId && latest.question.modelId === question.modelId
      ? latest.analysis
      : null;
  });

  /** Why there is no result of what is asked for, or no photo. */
  readonly failure: ErrorRecord | null = $derived.by(() => {
    const own = this.question && this.#failures.get(keyOf(this.question));
    return own ?? this.photos.failure;
  });

  readonly energyRows = $derived(energyRows(this.analysis?.energy ?? []));

  /** The accelerator of the headline and of the energy per layer. */
  readonly energyRow = $derived(
    this.energyRows.find(({ id }) => id === this.view.accelerator) ??
      this.energyRows.find(({ id }) => id === FIRST_ACCELERATOR),
  );

  readonly commandLine: string = $derived.by(() => {
    const image = this.images.selected;
    return image && this.app.model ? commandLine(image.path ?? image.name, this.app.model.id, this.plan.current) : '';
  });

  readonly conditions: ReadonlySet<Condition> = $derived(
    conditionsThatHold({
      'analyse-place': true,
      image: this.images.selected !== null,
      'several-images': this.images.opened.length > 1,
      analysis: this.analysis !== null,
      'can-undo': this.plan.canUndo,
      'can-redo': this.plan.canRedo,
    }),
  );

  constructor(app: AppState) {
    this.app = app;
    this.photos = new PhotoLoader(app);
    this.#live = new Latest({
      ask: (question, signal) => this.#analyse(question, signal),
      related: (earlier, later) => earlier.imageId === later.imageId && earlier.modelId === later.modelId,
      onError: (thrown, question) => this.#fail(thrown, question),
    });
    app.client.on('files.opened', ({ files }) => void this.openReferences(files));
    app.client.onConnection((connected) => connected && this.#repeat());
  }

  /** From a change to the result of the newest one. */
  get busy(): boolean {
    return this.#live.busy;
  }

  /** The result of an image of the list under the plan on screen, if it is known. */
  resultOf(imageId: string): Analysis | null {
    const model = this.app.model;
    return model ? (this.#results.get(this.#keyFor(imageId, model.id)) ?? null) : null;
  }

  /** Whether the image of the list could not be analysed under the plan on screen. */
  hasFailed(imageId: string): boolean {
    const model = this.app.model;
    return model !== null && this.#failures.has(this.#keyFor(imageId, model.id));
  }

  /** Follows image, model and plan for as long as the component that calls it lives. */
  follow(): void {
    this.photos.follow(() => this.images.selected);
    $effect(() => {
      const question = this.question;
      if (!question) this.#live.clear();
      else if (!untrack(() => this.#results.has(keyOf(question)))) this.#live.ask(question);
    });
    $effect(() => {
      const conditions = [...this.conditions];
      this.app.client.call('app.conditions', { conditions }).catch(ignore);
    });
    $effect(() => {
      const model = this.app.model;
      // What was remembered must be there before anything is remembered over it.
      if (!this.#restored || !model) return;
      const settings = {
        modelId: model.id,
        plan: planOptions(this.plan.current),
        accelerator: this.view.accelerator,
      };
      const later = setTimeout(
        () => this.app.client.call('settings.set', settings).catch(ignore),
        REMEMBER_SETTINGS_AFTER_MS,
      );
      return () => clearTimeout(later);
    });
  }

  /** First fill of the view, from what was remembered. */
  async start({ plan, accelerator }: Settings): Promise<void> {
    if (plan) this.plan.reset(settingsOfOptions(plan));
    this.view.accelerator = accelerator;
    this.#restored = true;
    this.images.samples = await this.app.client.call('samples.list', {});
    const { files } = await this.app.client.call('app.ready', {});
    await this.openReferences(files);
  }

  async openReferences(files: readonly FileReference[]): Promise<void> {
    if (files.length > 0)
      await this.open((options) => this.app.client.call('files.open', { files: [...files] }, options));
  }

  /** Takes in what `opening` gives, with its progress shown. */
  async open(opening: LongWork<OpenedFiles>): Promise<void> {
    const opened = await this.app.run('opening files', opening);
    if (!opened) return;
    this.images.add(opened);
    if (opened.skipped > 0)
      this.app.messages.record({
        code: 'bad-argument',
        message: `the list is full: ${opened.skipped} images were left out`,
        next: 'Evaluate large folders on the command line: fovea batch FOLDER.',
      });
    await this.app.addModels(opened.models);
  }

  /** The system's dialog under Electron; elsewhere the page has one of its own. */
  async choose(choice: 'images' | 'folder'): Promise<void> {
    if (this.app.info?.host === 'browser') {
      this.opening = true;
      return;
    }
    try {
      await this.openReferences(await this.app.client.call('files.choose', { choice }));
    } catch (thrown) {
      this.app.messages.error(thrown);
    }
  }

  retry(): void {
    this.photos.retry();
    if (this.question) this.#live.ask(this.question);
  }

  #keyFor(imageId: string, modelId: string): string {
    return keyOf({ imageId, modelId, settings: this.plan.current });
  }

  async #analyse(question: Question, signal: AbortSignal): Promise<Answer> {
    const { imageId, modelId, settings } = question;
    const analysis = await this.app.client.call(
      'analysis.run',
      { imageId, modelId, plan: planOptions(settings), counts: true },
      { signal },
    );
    const key = keyOf(question);
    this.#remember(key, analysis);
    this.#failures.delete(key);
    if (this.#repeated === key) this.app.messages.done('A new engine was started, and the analysis repeated.');
    this.#repeated = null;
    return { question, analysis };
  }

  #remember(key: string, analysis: Analysis): void {
    this.#results.delete(key);
    this.#results.set(key, analysis);
    if (this.#results.size > REMEMBERED_RESULTS) this.#results.delete(this.#results.keys().next().value ?? '');
  }

  #fail(thrown: unknown, question: Question): void {
    const error = toErrorRecord(thrown);
    if (error.code === 'cancelled') return;
    this.#failures.set(keyOf(question), error);
    if (ENGINE_FAILURES.has(error.code)) setTimeout(() => this.#repeat(), REPEAT_AFTER_MS);
  }

  /** What an engine that ended did not finish is asked again, once: the next request starts a new engine. */
  #repeat(): void {
    const { question, failure } = this;
    if (!question || !failure || !ENGINE_FAILURES.has(failure.code)) return;
    const key = keyOf(question);
    if (this.#repeated === key) return;
    this.#repeated = key;
    this.retry();
  }
}

function keyOf({ imageId, modelId, settings }: Question): string {
  return JSON.stringify([imageId, modelId, planOptions(settings)]);
}

function ignore(): void {
  // The connection is lost; it is shown elsewhere, and the next change is sent again.
}
