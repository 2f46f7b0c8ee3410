import type { Condition } from '../../src-shared/commands.ts';
import { count } from '../../src-shared/count-text.ts';
import type { Settings } from '../../src-shared/contract/app.ts';
import type { FileReference } from '../../src-shared/contract/files.ts';
import { DEFAULT_ENERGY_MODE } from '../../src-shared/energy/energy-mode.ts';
import { toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import { NO_CLASS } from '../../src-shared/outcomes/outcome-columns.ts';
import {
  parseSelection,
  selectedImages,
  type Selection,
  selectionText,
  SORT_KEYS,
  sortedImages,
  type SortKey,
} from '../../src-shared/outcomes/selection.ts';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import type { AppState } from '../app.svelte.ts';
import { download } from '../files/download.ts';
import { folderOf } from '../files/folder-of.ts';
import { FIRST_ACCELERATOR } from '../figures/energy-rows.ts';
import { conditionsThatHold, type Actions, type Place } from '../place.ts';
import type { Spot } from '../spot.ts';
import { batchLine } from '../../src-shared/runs/batch-line.ts';
import { OpenRun } from './open-run.svelte.ts';
import { type Currency, planRows } from '../../src-shared/outcomes/plan-rows.ts';
import { SetUp } from './set-up.svelte.ts';

/** The Evaluate place: what is to be evaluated, and the run that is looked at. */
export class EvaluateState implements Place {
  readonly id = 'evaluate';
  readonly label = 'Evaluate';
  readonly app: AppState;
  readonly setUp: SetUp;
  /** Newest first; null until they are known. */
  runs = $state.raw<readonly RunRecord[] | null>(null);
  runsFailure = $state.raw<ErrorRecord | null>(null);
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
  readonly rows = $derived(this.report ? planRows(this.report, this.columns, this.currency, this.policies) : []);

  /** Index of the plan whose images are shown: the one of the address, else the first that is no uniform width. */
  readonly plan: number = $derived.by(() => {
    const wanted = Number(this.#spot.chosen['plan'] ?? NaN);
    if (this.columns?.plans[wanted]) return wanted;
    return this.rows.find(({ plan, role }) => plan !== null && role === 'plan')?.plan ?? 0;
  });

  /** The image the keys are at. */
  readonly image: number | null = $derived(
    this.#spot.chosen['at'] === undefined ? null : Number(this.#spot.chosen['at']),
  );

  /** Those of the selection, in order. */
  readonly images: Uint32Array = $derived.by(() => {
    const { columns, plan } = this;
    if (!columns?.plans[plan]) return new Uint32Array();
    return sortedImages(columns, plan, selectedImages(columns, plan, this.selection), this.sort);
  });

  readonly job = $derived.by(() => this.app.jobs.list.find(({ runId }) => runId === this.open?.runId));
  readonly running = $derived(this.job?.status === 'running');

  readonly commandLine: string = $derived.by(() => {
    const found = this.open?.found;
    return found
      ? batchLine(
          found.run,
          found.report.plans.map(({ plan }) => plan),
        )
      : '';
  });

  readonly facts: readonly string[] = $derived(this.columns ? [`${count(this.images.length, 'image')} selected`] : []);

  readonly conditions: ReadonlySet<Condition> = conditionsThatHold({});

  constructor(app: AppState) {
    this.app = app;
    this.setUp = new SetUp(app.client);
    app.client.on('run.changed', (job) => {
      if (job.runId === this.open?.runId) this.open.changed();
      if (job.status !== 'running') void this.list();
    });
    app.client.onConnection((connected) => {
      if (!connected) return;
      this.open?.changed();
      void this.list();
    });
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

  /** Folders are evaluated, stores are merged; models are opened by the window. */
  takesFiles(files: readonly FileReference[]): readonly FileReference[] {
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

  async list(): Promise<void> {
    try {
      this.runs = await this.app.client.call('runs.list', {});
      this.runsFailure = null;
    } catch (thrown) {
      this.runsFailure = toErrorRecord(thrown);
    }
  }

  /** Begins a run, and shows it. */
  async begin(): Promise<void> {
    const { current } = this.app.models;
    const order = current && this.setUp.order(current.id);
    if (!order) return;
    const job = await this.app.jobs.start(order);
    if (job) this.show(job.runId);
  }

  async goOn(runId: string): Promise<void> {
    await this.app.jobs.resume(runId);
    this.show(runId);
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
    if (changed[0] !== undefined) this.show(changed[0]);
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

  classText(index: number): string {
    return index === NO_CLASS ? '–' : (this.open?.classes[index] ?? `class ${index}`);
  }

  #refine(chosen: Readonly<Record<string, string>>): void {
    this.app.address.refine({ place: 'evaluate', chosen });
  }
}
