import { untrack } from 'svelte';
import { SvelteMap } from 'svelte/reactivity';
import type { Condition } from '../../src-shared/commands.ts';
import type { Settings } from '../../src-shared/contract/app.ts';
import type { FileReference, OpenedFiles } from '../../src-shared/contract/files.ts';
import type { ImageEntry } from '../../src-shared/contract/images.ts';
import type {
  CatalogueEntry,
  InstalledEntry,
  LoadReport,
  ModelDetails,
  PreprocessedImage,
} from '../../src-shared/contract/models.ts';
import { count } from '../../src-shared/count-text.ts';
import { type ErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import { type LayerHistogram, RANGE_PERCENTILES } from '../../src-shared/precision/activation-histogram.ts';
import { optionsOfPlan, type PrecisionPlan, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { quoted } from '../../src-shared/shell-word.ts';
import { figuresOf, type WorkFigures } from '../../src-shared/work.ts';
import type { AppState } from '../app.svelte.ts';
import { downloadBlob } from '../files/download.ts';
import { folderOf } from '../files/folder-of.ts';
import { Latest } from '../link/latest.svelte.ts';
import type { LoadThumbnail } from '../picture/photo-loader.svelte.ts';
import { type Actions, conditionsThatHold, type Place } from '../place.ts';
import type { Spot } from '../spot.ts';
import { CardForm } from './card-form.svelte.ts';
import type { Download } from './download.ts';
import { PresetCheckState } from '../preset-check.svelte.ts';
import { stripRows } from './strip-rows.ts';

interface PreviewQuestion {
  readonly modelId: string;
  readonly revision: number;
  readonly imageId: string;
  readonly input: LoadReport['input'];
  readonly outputKind: LoadReport['outputKind'];
}

/** What a folder that is dropped or chosen is for. */
type Aim = 'calibrate' | 'check';

const MOST_SAMPLES = 6;

/** The Models place: what is installed and can be, and all that is known of the model in use. */
export class ModelsState implements Place {
  readonly id = 'models';
  readonly label = 'Models';
  readonly app: AppState;
  readonly form = new CardForm();
  /** Null until it is known. */
  installed = $state.raw<readonly InstalledEntry[] | null>(null);
  catalogue = $state.raw<readonly CatalogueEntry[]>([]);
  catalogueFailure = $state.raw<ErrorRecord | null>(null);
  readonly downloads = new SvelteMap<string, Download>();
  /** The model that was removed last, and can be brought back. */
  removed = $state.raw<{ readonly id: string; readonly name: string; readonly runs: number } | null>(null);
  /** The one that was asked for and cannot be opened. */
  failure = $state.raw<ErrorRecord | null>(null);
  #report = $state.raw<{ readonly modelId: string; readonly report: LoadReport } | null>(null);
  samples = $state.raw<readonly ImageEntry[]>([]);
  sampleId = $state<string | null>(null);
  /** Why the sample cannot be shown as the network sees it. */
  previewFailure = $state.raw<ErrorRecord | null>(null);
  readonly presets: PresetCheckState;
  calibrationFolder = $state.raw<FileReference | null>(null);
  calibrationFigures = $state.raw<WorkFigures | null>(null);
  calibrationFailure = $state.raw<ErrorRecord | null>(null);
  percentile = $state<number>(RANGE_PERCENTILES[2]);
  /** Of a calibration that goes on. */
  #live = $state.raw<{
    readonly modelId: string;
    readonly histograms: Readonly<Record<string, LayerHistogram>>;
  } | null>(null);
  aim: Aim = 'calibrate';
  #spot = $state.raw<Spot>({ place: 'models', runs: [], chosen: {} });
  #stopCalibration: AbortController | null = null;
  #formOf: string | null = null;
  readonly #preview: Latest<PreviewQuestion, PreprocessedImage>;
  readonly actions: Actions = {};
  readonly remembered: Partial<Settings> = {};
  readonly conditions: ReadonlySet<Condition> = conditionsThatHold({});

  readonly current = $derived.by(() => this.app.models.current);
  readonly report: LoadReport | null = $derived(
    this.#report && this.#report.modelId === this.current?.id ? this.#report.report : null,
  );

  /** The plan of Analyse: what bits of layers are shown of, and what is exported. */
  readonly plan: PrecisionPlan = $derived.by(() => {
    const { plan }: Partial<Settings> = Object.assign({}, ...this.app.places.map(({ remembered }) => remembered));
    return resolvePlan(plan ?? {});
  });

  readonly rows = $derived.by(() => {
    const { report, current, plan } = this;
    if (!report || !current) return [];
    const live = this.#live?.modelId === current.id ? this.#live.histograms : null;
    return stripRows(report, current, plan, live);
  });

  /** The layer that is looked at: the one of the address, else the first. */
  readonly layer: string | null = $derived.by(() => {
    const layers = this.rows.flatMap((row) => (row.kind === 'layer' ? [row.name] : []));
    return layers.find((name) => name === this.#spot.chosen['layer']) ?? layers[0] ?? null;
  });

  readonly commandLine: string = $derived.by(() => {
    if (!this.current) return '';
    const model = quoted(this.current.id);
    const folder = this.calibrationFolder && 'path' in this.calibrationFolder ? this.calibrationFolder.path : null;
    return folder === null ? `fovea models inspect ${model}` : `fovea models calibrate ${model} ${quoted(folder)}`;
  });

  readonly facts: readonly string[] = $derived(this.installed ? [count(this.installed.length, 'model')] : []);

  constructor(app: AppState) {
    this.app = app;
    this.presets = new PresetCheckState(app.client, () => this.current?.id ?? null);
    this.#preview = new Latest<PreviewQuestion, PreprocessedImage>({
      ask: ({ modelId, imageId, input, outputKind }, signal) =>
        app.client.read('models.preview', { modelId, imageId, input, outputKind }, { signal }),
      related: (earlier, later) => earlier.modelId === later.modelId && earlier.imageId === later.imageId,
      onError: (thrown) => (this.previewFailure = toErrorRecord(thrown)),
    });
    app.client.on('model.histograms', ({ modelId, histograms }) => {
      if (this.#stopCalibration) this.#live = { modelId, histograms };
    });
    app.client.on('model.changed', () => void this.list());
  }

  get preview(): PreprocessedImage | null {
    return this.#preview.answer;
  }

  get busy(): string | null {
    if (this.calibrationFigures) return 'calibrating…';
    if (this.presets.figures) return 'checking presets…';
    return this.app.models.opening ? 'opening…' : null;
  }

  async start(): Promise<void> {
    const samples = await this.app.client.call('samples.list', {});
    this.samples = samples.slice(0, MOST_SAMPLES);
    this.sampleId = this.samples[0]?.id ?? null;
  }

  arrives(spot: Spot): void {
    this.#spot = spot;
    void this.list();
    const { model } = spot.chosen;
    if (!model) return;
    // It is asked for once: another may be chosen before one comes by here again.
    this.app.address.refine({ place: 'models', chosen: { model: '' } });
    if (model !== this.app.models.named) void this.open(model);
  }

  /** A control that needs calibration led here. */
  get leadsToCalibration(): boolean {
    return this.#spot.chosen['to'] === 'calibration';
  }

  hasArrived(): void {
    this.app.address.refine({ place: 'models', chosen: { to: '' } });
  }

  /** Follows the model in use, the card and the sample for as long as the component that calls it lives. */
  follow(): void {
    $effect(() => {
      const model = this.current;
      if (model) untrack(() => void this.#load(model.id));
    });
    $effect(() => {
      const { input, outputKind, sound } = this.form;
      const { sampleId: imageId, current, report } = this;
      if (!report || !current || !input || !imageId || !sound || this.#formOf !== current.id) return;
      this.previewFailure = null;
      this.#preview.ask({
        modelId: current.id,
        revision: this.app.models.revisionOf(current.id),
        imageId,
        input,
        outputKind,
      });
    });
  }

  async #load(modelId: string): Promise<void> {
    // It may be no more in use by the time that what was done with it is over.
    if (this.current?.id !== modelId) return;
    const before = this.failure;
    try {
      const report = await this.app.client.read('models.report', { modelId }, { slot: 'model-report' });
      if (this.current?.id !== modelId) return;
      const isOther = this.#formOf !== modelId;
      if (isOther) this.#forget();
      if (isOther || !this.form.changed) this.form.take(report);
      this.#formOf = modelId;
      this.percentile = report.calibration?.percentile ?? this.percentile;
      this.#report = { modelId, report };
      // Another that cannot be used may have been chosen meanwhile: that is told until one is that can.
      if (this.failure === before) this.failure = null;
    } catch (thrown) {
      this.#tell(thrown, (failure) => (this.failure = failure));
    }
  }

  /** What was found out of another model. */
  #forget(): void {
    this.#preview.clear();
    this.presets.forget();
    this.calibrationFailure = null;
    this.calibrationFolder = null;
  }

  async list(): Promise<void> {
    const installed = await this.app.messages.told(() =>
      this.app.client.read('models.installed', {}, { slot: 'installed' }),
    );
    this.installed = installed ?? this.installed;
    try {
      this.catalogue = (await this.app.client.read('catalogue.list', {}, { slot: 'catalogue' })).models;
      this.catalogueFailure = null;
    } catch (thrown) {
      this.#tell(thrown, (failure) => (this.catalogueFailure = failure));
    }
  }

  /** Takes a model into use; one that cannot be opened says why in place of its layers. */
  async open(modelId: string): Promise<void> {
    this.failure = this.installed?.find(({ id }) => id === modelId)?.failure ?? null;
    if (!this.failure) await this.app.models.open(modelId);
  }

  show(layer: string): void {
    this.app.address.refine({ place: 'models', chosen: { layer } });
  }

  taker() {
    const { aim, current } = this;
    return (files: readonly FileReference[]): readonly FileReference[] => {
      const nameOf = (file: FileReference) => ('path' in file ? file.path : file.upload).toLowerCase();
      const models = files.filter((file) => nameOf(file).endsWith('.onnx'));
      // What lies beside a model is found there.
      if (models.length > 0) return models;
      const [first] = files;
      if (first && files.length === 1 && nameOf(first).endsWith('.txt')) void this.saveLabels(first, current);
      else {
        const folder = folderOf(files);
        if (!folder)
          this.app.messages.record({
            code: 'bad-argument',
            message: 'a folder of photos, a model or a list of class names is expected here',
            next: 'Drop an .onnx file to add it, a folder on the layers to calibrate, or a .txt of one class name a line.',
          });
        else if (aim === 'calibrate') void this.calibrate(folder, current);
        // What is found out of a model that is no more in use is not told.
        else if (current?.id === this.current?.id) void this.presets.check(folder);
      }
      return [];
    };
  }

  takes({ failed }: OpenedFiles): void {
    for (const { error } of failed) this.app.messages.record(error);
    void this.list();
  }

  /** Chooses a folder by the system's dialog or the window's. */
  choose(aim: Aim): void {
    this.aim = aim;
    this.app.perform('files.open-folder');
  }

  readonly thumbnail: LoadThumbnail = (imageId, maxSide, signal) =>
    this.app.client.read('images.thumbnail', { imageId, maxSide: Math.min(maxSide, 160) }, { signal });

  async save(): Promise<void> {
    const { found } = this.presets;
    if (!(await this.#saveCard())) return;
    // What was checked as the card's own is the card before.
    if (this.presets.found === found) this.presets.found = null;
    await this.#reload();
  }

  async #saveCard(): Promise<boolean> {
    const { current } = this;
    const { card } = this.form;
    const { score, found: check } = this.presets;
    // Measured is only what stands in the card as it was checked.
    const isScore = score !== null && JSON.stringify(score.preprocessing) === JSON.stringify(this.#preprocessing());
    const order =
      current && this.form.order(current.id, isScore ? score : null, check?.dataset ?? '', check?.images ?? 0);
    if (!order || !card) return false;
    const saved = await this.app.run('exporting', (options) =>
      this.app.client.call('models.saveCard', order, options).then(() => true),
    );
    if (!saved) return false;
    if (this.#formOf === order.modelId) this.form.written(card);
    this.app.messages.done('The card is written.');
    return true;
  }

  #preprocessing() {
    if (!this.form.input) return null;
    const { layout, channels, height, width, resizeShorterSide, crop, range, mean, std } = this.form.input;
    const wanted = { layout, channels, height, width, resizeShorterSide, crop, range, mean, std };
    const order = Object.keys(this.presets.score?.preprocessing ?? wanted);
    return Object.fromEntries(order.map((field) => [field, this.form.input?.[field]]));
  }

  /** Takes the card as it now is. What was found on photos stays: a check may have begun meanwhile. */
  async #reload(): Promise<void> {
    if (this.current) await this.#load(this.current.id);
    await this.list();
  }

  /** Takes over the preset that is chosen of those that were checked. */
  async usePreset(): Promise<void> {
    const { score } = this.presets;
    if (!score) return;
    this.form.takePreset(score);
    if (await this.#saveCard()) await this.#reload();
  }

  async saveLabels(file: FileReference, current: ModelDetails | null): Promise<void> {
    if (!current) return;
    const saved = await this.app.run('opening-files', (options) =>
      this.app.client.call('models.saveLabels', { modelId: current.id, file }, options).then(() => true),
    );
    if (saved) this.app.messages.done('The class names are beside the model.');
  }

  async calibrate(folder: FileReference, current: ModelDetails | null): Promise<void> {
    const { percentile } = this;
    if (!current || this.#stopCalibration) return;
    const stop = (this.#stopCalibration = new AbortController());
    this.calibrationFolder = folder;
    this.calibrationFailure = null;
    this.calibrationFigures = figuresOf('calibrating');
    try {
      const { images, found, failed } = await this.app.client.call(
        'models.calibrate',
        { modelId: current.id, folder, percentile },
        { signal: stop.signal, onProgress: (figures) => (this.calibrationFigures = figures) },
      );
      this.app.messages.done(
        `Calibrated on ${count(images, 'photo')}${found > images + failed.length ? `, evenly chosen from ${found}` : ''}${failed.length > 0 ? `; ${failed.length} could not be read` : ''}.`,
      );
      await this.#load(current.id);
    } catch (thrown) {
      if (this.current?.id === current.id) this.#tell(thrown, (failure) => (this.calibrationFailure = failure));
      else this.app.messages.error(thrown);
    } finally {
      this.#stopCalibration = null;
      this.calibrationFigures = null;
      this.#live = null;
    }
  }

  stopCalibration(): void {
    this.#stopCalibration?.abort();
  }

  /** Before a calibration, what it will hold; after it, what the ranges hold from now on. */
  async choosePercentile(percentile: number): Promise<void> {
    this.percentile = percentile;
    const { current, report } = this;
    if (!current || !report?.histograms || this.calibrationFigures) return;
    try {
      const order = { modelId: current.id, percentile };
      await this.app.client.call('models.choosePercentile', order, { slot: 'percentile' });
      await this.#load(current.id);
    } catch (thrown) {
      this.app.messages.error(thrown);
      // Another may have been chosen meanwhile, or another model; and of one before it only the machine knows whether it came to its end.
      if (this.percentile === percentile) await this.#load(current.id);
    }
  }

  /** Makes the rewritten model, fetches it piece by piece, and hands it to the user with what says how to feed it. */
  async exportRewritten(): Promise<void> {
    const { current, plan } = this;
    if (!current) return;
    await this.app.run('exporting', async ({ signal, onProgress }) => {
      const { client } = this.app;
      const made = await client.call(
        'models.export',
        { modelId: current.id, plan: optionsOfPlan(plan) },
        { signal, onProgress },
      );
      try {
        for (const [file, { name, bytes }] of made.files.entries()) {
          const pieces: Blob[] = [];
          for (let offset = 0; offset < bytes;) {
            const piece = await client.call('models.exportPart', { exportId: made.exportId, file, offset }, { signal });
            // An empty piece ends what would never end.
            if (piece.length === 0) break;
            pieces.push(new Blob([new Uint8Array(piece)]));
            offset += piece.length;
            onProgress(figuresOf('copying', { subject: name, done: offset, total: bytes }));
          }
          downloadBlob(name, new Blob(pieces));
        }
      } finally {
        client.call('models.exportDone', { exportId: made.exportId }).catch(() => undefined);
      }
    });
  }

  async remove(): Promise<void> {
    const { current } = this;
    if (!current) return;
    const removed = await this.app.run('exporting', (options) =>
      this.app.client.call('models.remove', { modelId: current.id }, options),
    );
    if (!removed) return;
    this.removed = { id: current.id, name: current.name, runs: removed.runs };
    await this.app.models.without(current.id);
    await this.list();
  }

  async undoRemoval(): Promise<void> {
    const { removed } = this;
    if (!removed) return;
    const restored = await this.app.run('exporting', (options) =>
      this.app.client.call('models.restore', { modelId: removed.id }, options).then(() => true),
    );
    if (!restored) return;
    if (this.removed === removed) this.removed = null;
    await this.app.models.find();
    await this.list();
    await this.open(removed.id);
  }

  async download(name: string): Promise<void> {
    if (this.downloads.get(name)?.figures) return;
    const stop = new AbortController();
    const tell = (figures: WorkFigures | null, failure: ErrorRecord | null = null) =>
      this.downloads.set(name, { figures, failure, stop: () => stop.abort() });
    tell(figuresOf('downloading', { subject: name }));
    try {
      const model = await this.app.client.call(
        'catalogue.download',
        { name },
        { signal: stop.signal, onProgress: (figures) => tell(figures) },
      );
      this.downloads.delete(name);
      this.app.messages.done(`${model.name} is installed.`);
      await this.app.models.add([model]);
    } catch (thrown) {
      const failure = toErrorRecord(thrown);
      if (failure.code === 'cancelled') this.downloads.delete(name);
      else tell(null, failure);
    }
    await this.list();
  }

  async discard(name: string): Promise<void> {
    this.downloads.delete(name);
    await this.app.run('exporting', (options) => this.app.client.call('catalogue.discard', { name }, options));
    await this.list();
  }

  /** What went wrong is told where it was wanted; a stop is the user's own wish. */
  #tell(thrown: unknown, tell: (failure: ErrorRecord) => void): void {
    const failure = toErrorRecord(thrown);
    if (failure.code !== 'cancelled') tell(failure);
  }
}
