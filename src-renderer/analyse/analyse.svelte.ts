import type { Analysis } from '../../src-shared/analysis.ts';
import type { Condition } from '../../src-shared/commands.ts';
import type { FileReference, OpenedFiles } from '../../src-shared/contract/files.ts';
import type { Settings } from '../../src-shared/contract/app.ts';
import type { ErrorRecord } from '../../src-shared/errors.ts';
import type { AppState, LongWork } from '../app.svelte.ts';
import { conditionsThatHold } from '../conditions.ts';
import { History } from '../plan/history.svelte.ts';
import { commandLine } from '../plan/command-line.ts';
import { energyRows, FIRST_ACCELERATOR } from '../figures/energy-rows.ts';
import { ImageList } from '../files/image-list.svelte.ts';
import {
  DEFAULT_PLAN_SETTINGS,
  planOptions,
  sameSettings,
  settingsOfOptions,
  type PlanSettings,
} from '../plan/plan-settings.ts';
import { PhotoLoader } from '../picture/photo-loader.svelte.ts';
import type { Question, Subject } from './question.ts';
import { Results } from './results.svelte.ts';
import { ViewOptions } from './view-options.svelte.ts';

const REMEMBER_SETTINGS_AFTER_MS = 500;

/** The Analyse place: images, the plan, and the result that follows both. */
export class AnalyseState {
  readonly app: AppState;
  readonly images = new ImageList();
  readonly plan = new History<PlanSettings>(DEFAULT_PLAN_SETTINGS, sameSettings);
  readonly view = new ViewOptions();
  readonly photos: PhotoLoader;
  /** Whether the dialogs are open. */
  savingRun = $state(false);
  opening = $state(false);
  #restored = $state(false);
  readonly #results: Results;

  /** What is looked at, whatever the plan; it stays the same object while a plan changes. */
  readonly subject: Subject | null = $derived.by(() => {
    const image = this.images.selected;
    const model = this.app.model;
    return image && model ? { imageId: image.id, modelId: model.id } : null;
  });

  readonly question: Question | null = $derived(this.subject && { ...this.subject, settings: this.plan.current });

  readonly analysis: Analysis | null = $derived.by(() => this.#results.current);

  /** Why there is no result of what is asked for, or no photo. */
  readonly failure: ErrorRecord | null = $derived.by(() => {
    const own = this.question && this.#results.failureOf(this.question);
    return own ?? this.photos.failure;
  });

  readonly energyRows = $derived.by(() =>
    this.analysis ? energyRows(this.analysis.energy, this.#results.lastCounted?.energy) : energyRows([]),
  );

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
    this.#results = new Results(app, () => this.question);
    app.client.on('files.opened', ({ files }) => void this.openReferences(files));
  }

  /** From a change to the result of the newest one. */
  get busy(): boolean {
    return this.#results.busy;
  }

  /** The result of an image of the list under the plan on screen, if it is known. */
  resultOf(imageId: string): Analysis | null {
    const question = this.#questionOf(imageId);
    return question && this.#results.of(question);
  }

  /** Whether the image of the list could not be analysed under the plan on screen. */
  hasFailed(imageId: string): boolean {
    const question = this.#questionOf(imageId);
    return question !== null && this.#results.failureOf(question) !== null;
  }

  /** Follows image, model and plan for as long as the component that calls it lives. */
  follow(): void {
    this.photos.follow(() => this.images.selected);
    this.#results.follow();
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
    this.#results.retry();
  }

  #questionOf(imageId: string): Question | null {
    const model = this.app.model;
    return model && { imageId, modelId: model.id, settings: this.plan.current };
  }
}

function ignore(): void {
  // The connection is lost; it is shown elsewhere, and the next change is sent again.
}
