import { untrack } from 'svelte';
import type { Condition } from '../../src-shared/commands.ts';
import { count } from '../../src-shared/count-text.ts';
import type { ExportedFile } from '../../src-shared/contract/analysis.ts';
import type { Settings } from '../../src-shared/contract/app.ts';
import type { FileReference } from '../../src-shared/contract/files.ts';
import type { InstalledEntry, ModelSummary } from '../../src-shared/contract/models.ts';
import { DEFAULT_ENERGY_MODE } from '../../src-shared/energy/energy-mode.ts';
import { toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import { NO_CLASS } from '../../src-shared/outcomes/outcome-columns.ts';
import {
  parseSelection,
  type Selection,
  selectionText,
  SORT_KEYS,
  type SortKey,
} from '../../src-shared/outcomes/selection.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import type { AppState } from '../app.svelte.ts';
import { download } from '../files/download.ts';
import { folderOf } from '../files/folder-of.ts';
import { FIRST_ACCELERATOR } from '../figures/energy-rows.ts';
import { conditionsThatHold, type Actions, type MapWish, type Place } from '../place.ts';
import type { Spot } from '../spot.ts';
import { batchLine } from '../../src-shared/runs/batch-line.ts';
import { quoted } from '../../src-shared/shell-word.ts';
import { OpenRun } from './open-run.svelte.ts';
import type { DeskAnswer } from './desk-questions.ts';
import { OutcomeDesk } from './outcome-desk.ts';
import type { Currency, PlanRow } from '../../src-shared/outcomes/plan-rows.ts';
import { roleOf } from '../../src-shared/runs/plan-role.ts';
import { type Choice, inKeptOrder, type Selected } from './selected.ts';
import { SetUp } from './set-up.svelte.ts';

/** The Evaluate place: what is to be evaluated, and the run that is looked at. */
export class EvaluateState implements Place {
  readonly id = 'evaluate';
  readonly label = 'Evaluate';
  readonly app: AppState;
  readonly setUp: SetUp;
  #beginning = false;
  /** What this page began last. */
  #begun: { readonly order: string; readonly runId: string } | null = null;
  /** Newest first; null until they are known. */
  runs = $state.raw<readonly RunRecord[] | null>(null);
  runsFailure = $state.raw<ErrorRecord | null>(null);
  /** Models that are installed and cannot be opened: asked for, they say why. */
  unusableModels = $state.raw<readonly InstalledEntry[]>([]);
  open = $state.raw<OpenRun | null>(null);
  currency = $state.raw<Currency>({ accelerator: FIRST_ACCELERATOR, mode: DEFAULT_ENERGY_MODE, whole: false });
  policies = $state.raw<readonly string[]>(['static', 'oracle', 'cascade']);
  #spot = $state.raw<Spot>({ place: 'evaluate', runs: [], chosen: {} });
  readonly actions: Actions = {};

  readonly selection: Selection = $derived(parseSelection(this.#spot.chosen['sel'] ?? ''));
  readonly sort: SortKey = $derived(SORT_KEYS.find((key) => key === this.#spot.chosen['sort']) ?? 'path');
  /** Marked images, by index. */
  readonly marked: readonly number[] = $derived(
    (this.#spot.chosen['marked'] ?? '').split('.').filter(Boolean).map(Number),
  );

  readonly report = $derived(this.open?.found?.report ?? null);
  readonly columns = $derived(this.open?.columns ?? null);
  /** Plans and policies, with differences; empty until the first are known. */
  rows = $state.raw<readonly PlanRow[]>([]);
  readonly #desk: OutcomeDesk;

  /** Index of the plan whose images are shown: the one of the address, else the first that is no uniform width. */
  readonly plan: number = $derived.by(() => {
    const wanted = Number(this.#spot.chosen['plan'] ?? NaN);
    if (this.columns?.plans[wanted]) return wanted;
    return Math.max(0, this.report?.plans.findIndex(({ plan }) => roleOf(plan) === 'plan') ?? 0);
  });

  /** The image the keys are at. */
  readonly image: number | null = $derived(
    this.#spot.chosen['at'] === undefined ? null : Number(this.#spot.chosen['at']),
  );

  /** What the desk has found of the newest choice. */
  selected = $state.raw<Selected | null>(null);
  /** Its images as they are shown, which while results stream in is not quite their order. */
  #images = $state.raw<Uint32Array>(new Uint32Array());
  readonly #choice: Choice = $derived({ plan: this.plan, selection: this.selection, sort: this.sort });
  #shownChoice = '';

  readonly job = $derived.by(() => this.app.jobs.list.find(({ runId }) => runId === this.open?.runId));
  readonly running = $derived(this.job?.status === 'running');

  /** The command that tells what is there of the open run. */
  readonly showLine: string = $derived.by(
    () => `fovea runs show ${quoted(this.open?.runId ?? '')}${this.app.storeWords}`,
  );

  /** The command that gives the figures shown: of what is not complete, the one that tells what is there. */
  readonly commandLine: string = $derived.by(() => {
    const found = this.open?.found;
    if (found && (found.run.firstSuccess || found.run.status !== 'complete')) return this.showLine;
    const chosen = this.open?.chosen;
    return found && chosen
      ? batchLine(
          found.run,
          found.report.plans.map(({ plan }) => plan),
          chosen,
        )
      : '';
  });

  /** A folder of them, where a plan of the set-up takes maps. */
  readonly mapWish: MapWish | null = $derived.by(() => {
    if (!this.setUp.takesMaps) return null;
    return {
      label: 'Folder of importance maps, called like the photos',
      choice: 'maps',
      takes: (files) => {
        const folder = folderOf(files);
        if (folder) this.setUp.maps = folder;
        else
          this.app.messages.record({
            code: 'bad-argument',
            message: 'maps of a folder of photos are a folder, too',
            next: 'Drop the folder that holds them; the map of a single image belongs to it in Analyse.',
          });
      },
    };
  });

  readonly facts: readonly string[] = $derived(this.columns ? [`${count(this.images.length, 'image')} selected`] : []);

  readonly conditions: ReadonlySet<Condition> = conditionsThatHold({});

  constructor(app: AppState) {
    this.app = app;
    this.setUp = new SetUp(app.client);
    this.#desk = new OutcomeDesk((answer) => this.#answered(answer));
    app.client.on('run.changed', (job) => {
      const last = job.status !== 'running';
      if (job.runId === this.open?.runId) this.open.changed({ last });
      if (last) void this.list();
    });
    app.client.onConnection((connected) => {
      if (connected) this.lookAgain();
    });
  }

  /** Those of the selection, in order. */
  get images(): Uint32Array {
    return this.#images;
  }

  /** Whether new images stand behind those that were there before, whatever their order is to be. */
  readonly unordered = $derived.by(() => {
    const [images, shown] = [this.selected?.images, this.#images];
    return images !== undefined && images !== shown && images.some((image, place) => shown[place] !== image);
  });

  /** Puts the images in their order, new ones among them. */
  putInOrder(): void {
    if (this.selected) this.#images = this.selected.images;
  }

  /** Keeps what is shown in step with what is chosen and what is known, for as long as the component that calls it lives. */
  follow(): void {
    this.setUp.follow(() => this.app.models.current?.id);
    $effect(() => {
      if (this.app.models.list) void this.#findUnusable(this.app.models.list);
    });
    $effect(() => {
      const { removed } = this.app.jobs;
      untrack(() => {
        if (removed !== null && removed === this.open?.runId)
          this.app.address.go({ place: 'evaluate', runs: [], chosen: {} });
        void this.list();
      });
    });
    $effect(() => {
      const { columns } = this;
      if (columns) this.#desk.take(columns);
      else {
        this.#desk.forget();
        this.selected = null;
        this.rows = [];
        this.#images = new Uint32Array();
      }
    });
    $effect(() => {
      const { columns, report, currency, policies } = this;
      if (columns && report) this.#desk.ask({ kind: 'rows', report, currency, policies });
    });
    $effect(() => {
      if (this.columns?.plans[this.plan]) this.#desk.ask({ kind: 'select', choice: this.#choice });
    });
  }

  #answered(answer: DeskAnswer): void {
    if (answer.kind === 'rows') {
      this.rows = answer.rows;
      return;
    }
    this.selected = answer.selected;
    const choice = JSON.stringify([this.open?.runId, answer.selected.choice]);
    const goesOn = choice === this.#shownChoice;
    this.#shownChoice = choice;
    const { images } = answer.selected;
    this.#images = goesOn ? inKeptOrder(this.#images, images) : images;
  }

  get busy(): string | null {
    return this.setUp.checking ? 'looking at the folder…' : null;
  }

  readonly remembered: Partial<Settings> = {};

  async start(): Promise<void> {
    await this.list();
  }

  arrives(spot: Spot): void {
    this.#spot = spot;
    const [runId] = spot.runs;
    if (runId === this.open?.runId) return;
    this.open?.close();
    this.open = runId === undefined ? null : new OpenRun(this.app.client, runId);
  }

  taker() {
    return (files: readonly FileReference[]) => this.#takeFiles(files);
  }

  /** Folders are evaluated, stores are merged; models are opened by the window. */
  #takeFiles(files: readonly FileReference[]): readonly FileReference[] {
    const nameOf = (file: FileReference) => ('path' in file ? file.path : file.upload);
    const stores = files.filter((file) => /\.(sqlite|db)$/i.test(nameOf(file)));
    const models = files.filter((file) => /\.onnx$/i.test(nameOf(file)));
    const others = files.filter((file) => !stores.includes(file) && !models.includes(file));
    if (stores.length > 0) void this.merge(stores);
    const folder = others[0] && folderOf(others);
    if (folder) this.setUp.folder = folder;
    else if (others.length > 0)
      this.app.messages.record({
        code: 'bad-argument',
        message: 'only whole folders are evaluated',
        next: 'Drop the folder that holds the images, or open single images in Analyse.',
      });
    return models;
  }

  takes(): void {
    // Models alone are opened from here, and belong to the window.
  }

  /** After a failure: what it was may be mended. */
  lookAgain(): void {
    this.open?.changed();
    void this.list();
  }

  async #findUnusable(usable: readonly ModelSummary[]): Promise<void> {
    try {
      const installed = await this.app.client.call('models.installed', {}, { slot: 'unusable' });
      this.unusableModels = installed.filter(({ id }) => !usable.some((model) => model.id === id));
    } catch {
      // Models, the place, tells why they cannot be listed.
    }
  }

  async list(): Promise<void> {
    try {
      this.runs = await this.app.client.call('runs.list', {}, { slot: 'runs.list' });
      this.runsFailure = null;
    } catch (thrown) {
      const failure = toErrorRecord(thrown);
      if (failure.code !== 'cancelled') this.runsFailure = failure;
    }
  }

  /** Begins the run that is set up, and shows it; the same a second time only once the first has ended. */
  async begin(): Promise<void> {
    const { current } = this.app.models;
    const order = current && this.setUp.order(current.id);
    if (!order || this.#beginning) return;
    const text = JSON.stringify(order);
    const last = this.#begun?.order === text ? this.#begun.runId : undefined;
    if (this.app.jobs.list.some(({ runId, status }) => runId === last && status === 'running')) {
      this.app.messages.done('This run goes on already.');
      return this.show(last!);
    }
    this.#beginning = true;
    const job = await this.app.jobs.start(order).finally(() => (this.#beginning = false));
    if (!job) return;
    this.#begun = { order: text, runId: job.runId };
    this.#showHere(job.runId);
  }

  async goOn(runId: string): Promise<void> {
    await this.app.jobs.resume(runId);
    this.#showHere(runId);
  }

  async discard(runId: string): Promise<void> {
    await this.app.run('exporting', (options) => this.app.client.call('runs.delete', { runId }, options));
    if (this.open?.runId === runId) this.app.address.go({ place: 'evaluate', runs: [], chosen: {} });
    await this.list();
  }

  /** The open run as a file that lasts. */
  async writeReport(): Promise<void> {
    const runId = this.open?.runId;
    if (runId === undefined) return;
    const file = await this.app.run('reporting', (options) => this.app.client.call('reports.run', { runId }, options));
    if (file) download(file);
  }

  async merge(files: readonly FileReference[]): Promise<void> {
    const merged = await this.app.run('opening-files', (options) =>
      this.app.client.call('runs.merge', { files: [...files] }, options),
    );
    if (!merged) return;
    const changed = [...merged.joined, ...merged.updated, ...merged.added];
    const waiting = merged.waiting.map(
      ({ name, count: of, missing }) => `${name} waits for shard ${missing.join(', ')} of ${of}`,
    );
    this.app.messages.done(
      [
        changed.length > 0 ? `${count(changed.length, 'run')} merged.` : 'All these runs are here already.',
        ...waiting,
      ].join(' '),
    );
    await this.list();
    if (changed[0] !== undefined) this.#showHere(changed[0]);
  }

  /** Who has gone to another place meanwhile is not called back. */
  #showHere(runId: string): void {
    if (this.app.place === this) this.show(runId);
  }

  show(runId: string): void {
    if (runId !== this.open?.runId) this.app.address.go({ place: 'evaluate', runs: [runId], chosen: {} });
  }

  showPlan(plan: number): void {
    this.#refine({ plan: String(plan) });
  }

  select(change: Partial<Selection>): void {
    this.#refine({ sel: selectionText({ ...this.selection, ...change }), at: '' });
  }

  sortBy(sort: SortKey): void {
    this.#refine({ sort: sort === 'path' ? '' : sort });
  }

  /** Goes to an image of the grid, without opening it. */
  goTo(image: number): void {
    this.#refine({ at: String(image) });
  }

  mark(image: number): void {
    const others = this.marked.filter((one) => one !== image);
    const marked = others.length < this.marked.length ? others : [...others, image].sort((a, b) => a - b);
    this.#refine({ marked: marked.join('.') });
  }

  /** Opens an image in Analyse with the plan that is shown; Back and Esc return here. */
  analyse(image: number): void {
    const { open, plan } = this;
    if (!open) return;
    this.goTo(image);
    this.app.address.go(
      { place: 'analyse', runs: [open.runId], chosen: { image: String(image), plan: String(plan) } },
      { returns: true },
    );
  }

  /** Marked images, else all that are selected, in the order shown; with the figures of the command line. */
  async exportImages(format: 'csv' | 'json'): Promise<ExportedFile | null> {
    const { open, marked, images, plan } = this;
    if (!open) return null;
    const chosen = marked.length > 0 ? images.filter((image) => marked.includes(image)) : images;
    const order = { runId: open.runId, plan, images: [...chosen], format };
    return this.app.run('exporting', (options) => this.app.client.call('runs.table', order, options));
  }

  classText(index: number): string {
    return index === NO_CLASS ? '–' : (this.open?.classes[index] ?? `class ${index}`);
  }

  #refine(chosen: Readonly<Record<string, string>>): void {
    this.app.address.refine({ place: 'evaluate', chosen });
  }
}
