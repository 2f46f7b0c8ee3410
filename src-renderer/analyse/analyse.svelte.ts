import { untrack } from 'svelte';
import type { Analysis } from '../../src-shared/analysis.ts';
import type { Condition } from '../../src-shared/commands.ts';
import { count } from '../../src-shared/count-text.ts';
import type { ExportKind } from '../../src-shared/contract/analysis.ts';
import type { Settings } from '../../src-shared/contract/app.ts';
import type { InputOf } from '../../src-shared/contract/contract.ts';
import type { FileReference, OpenedFiles } from '../../src-shared/contract/files.ts';
import type { ImageEntry, OwnMap } from '../../src-shared/contract/images.ts';
import type { ErrorRecord } from '../../src-shared/errors.ts';
import type { AppState } from '../app.svelte.ts';
import { saving } from '../format.ts';
import { energyRows, FIRST_ACCELERATOR } from '../figures/energy-rows.ts';
import { download } from '../files/download.ts';
import { isMapAlone } from '../files/dropped-files.ts';
import { keepList, keepSelected, keptList } from '../files/kept-list.ts';
import { ImageList, type Verdict } from '../files/image-list.svelte.ts';
import type { SendOptions } from '../link/carrier.ts';
import { Camera } from '../picture/camera.svelte.ts';
import { figureSvg } from '../figures/figure-svg.ts';
import { headlineText, mapWorth } from '../figures/headline.ts';
import { panelSvg, pictureAs } from '../figures/panel-svg.ts';
import { folderOf } from '../files/folder-of.ts';
import { baseName } from '../files/image-names.ts';
import { cellMap } from '../picture/cell-map.ts';
import { mapTitle } from '../picture/map-title.ts';
import { type Photo, PhotoLoader } from '../picture/photo-loader.svelte.ts';
import { conditionsThatHold, type Actions, type MapWish, type Place } from '../place.ts';
import { commandLine, imageWord } from '../plan/command-line.ts';
import { History } from '../plan/history.svelte.ts';
import {
  FIRST_PLAN_SETTINGS,
  planName,
  planOptions,
  sameSettings,
  settingsOfOptions,
  type PlanSettings,
  withMetric,
} from '../plan/plan-settings.ts';
import { printSpot, type Spot } from '../spot.ts';
import { UNIFORM_WIDTHS } from '../../src-shared/runs/controls.ts';
import { actionsOf } from './actions.ts';
import {
  followAlternatives,
  hasMap,
  MAPS,
  type Mark,
  markOf,
  noMapWords,
  uniformAt,
  uniformPlan,
  withMap,
} from './alternatives.svelte.ts';
import { Brush, type Canvas } from './brush.svelte.ts';
import { LoadReportState } from './load-report.svelte.ts';
import { TrueClasses } from './true-classes.svelte.ts';
import type { Question, RunToSave, Subject } from './question.ts';
import { Results } from './results.svelte.ts';
import { ViewOptions } from './view-options.svelte.ts';

/** So few images are all analysed once the plan has come to rest: how many keep their answer is seen at once. */
const FEW_IMAGES = 16;

/** The Analyse place: images, the plan, and the result that follows both. */
export class AnalyseState implements Place {
  readonly id = 'analyse';
  readonly label = 'Analyse';
  readonly app: AppState;
  readonly images: ImageList = new ImageList((imageId) => this.verdictOf(imageId));
  readonly plan = new History<PlanSettings>(FIRST_PLAN_SETTINGS, sameSettings);
  readonly view = new ViewOptions();
  readonly camera = new Camera();
  readonly brush = new Brush((canvas, values) => this.#takePainted(canvas, values));
  readonly photos: PhotoLoader;
  /** Whether the dialog is open. */
  savingRun = $state(false);
  /** It begins with all images of the list. */
  savingAll = $state(false);
  readonly actions: Actions = actionsOf(this);
  readonly truths: TrueClasses;
  readonly loadReport: LoadReportState;
  /** Where the charts are drawn. */
  charts = $state.raw<HTMLElement | null>(null);
  readonly #results: Results;
  /** Images that were taken off the list, the last one last, each with the plan that stood then. */
  #removals = $state.raw<readonly { readonly putBack: () => void; readonly plan: PlanSettings }[]>([]);
  #arrivedAt = '';
  #begun = $state(false);

  /** What is looked at, whatever the plan; it stays the same object while a plan changes. */
  readonly subject: Subject | null = $derived.by(() => {
    const image = this.images.selected;
    return image && this.#subjectOf(image.id);
  });

  readonly question: Question | null = $derived(this.subject && { ...this.subject, settings: this.plan.current });

  readonly analysis: Analysis | null = $derived.by(() => this.#results.current);

  /** Why there is no result of what is asked for, or no photo. */
  readonly failure: ErrorRecord | null = $derived.by(() => {
    const own = this.question && this.#results.failureOf(this.question);
    return own ?? this.photos.failure;
  });

  /** The photo of the image that is chosen; null until it can be drawn. */
  readonly photo: Photo | null = $derived.by(() => {
    const { photo } = this.photos;
    return photo !== null && photo.imageId === this.images.selected?.id ? photo : null;
  });

  /** What is told: figures stand beside the picture they are of, or not at all. */
  readonly shown: Analysis | null = $derived(this.photo && this.analysis);

  /** The figures are those of an earlier plan. */
  readonly stale: boolean = $derived.by(() => this.question !== null && this.#results.of(this.question) === null);

  /** The true class of the image that is shown, where the labels of its folder tell it. */
  readonly truth = $derived.by(() => {
    const index = this.images.selected && this.truths.of(this.images.selected.id);
    return index === null ? null : { class: index, label: this.app.models.current?.labels[index] ?? `class ${index}` };
  });

  /** The same plan with each map. */
  readonly maps = $derived.by(() =>
    MAPS.map((map) => ({
      ...map,
      analysis: this.#under(hasMap(this.plan.current) ? withMap(this.plan.current, map.id) : this.plan.current),
    })),
  );

  /** Uniform widths, as far as they are known, the widest first. */
  readonly curve = $derived.by(() =>
    UNIFORM_WIDTHS.flatMap((bits) => {
      const mark = this.#markUnder(uniformPlan(this.plan.current, bits));
      return mark ? [{ ...mark, bits }] : [];
    }),
  );

  /** The plan on screen, where it is measured. */
  readonly mark: Mark | null = $derived.by(() => this.shown && this.#markUnder(this.plan.current));

  readonly uniformProbability: number | null = $derived(this.mark && uniformAt(this.curve, this.mark.saved));

  /** What the map adds to uniform bits, in words. */
  readonly worth: string = $derived.by(() => {
    if (!this.mark) return '';
    if (!hasMap(this.plan.current)) return noMapWords(this.plan.current);
    const high = this.plan.current.bits[0] ?? 0;
    const uniform = this.curve.find(({ bits }) => bits === high) ?? null;
    return mapWorth({ uniform, ...this.mark, uniformProbability: this.uniformProbability });
  });

  /** What the present plan is held against left of the divider: the pinned plan, else the one before the last change. */
  readonly before = $derived.by(() => {
    const settings = this.view.pinned ?? this.plan.previous;
    const analysis = settings && this.#under(settings);
    return settings && analysis ? { settings, analysis } : null;
  });

  /** In words what stands left and right of the divider. */
  readonly sides: readonly [string, string] = $derived.by(() => {
    const said = (settings: PlanSettings, analysis: Analysis | null) => {
      const mark = analysis && markOf(analysis, this.energyRow?.id ?? FIRST_ACCELERATOR, this.view.mode);
      return `${planName(settings)}${mark ? `, ${analysis.top1Kept ? '✓' : '✗'} ${saving(mark.saved)}` : ''}`;
    };
    const { before } = this;
    return [
      before ? `${this.view.pinned ? 'pinned' : 'before'}: ${said(before.settings, before.analysis)}` : 'photo',
      `now: ${said(this.plan.current, this.#under(this.plan.current))}`,
    ];
  });

  readonly energyRows = $derived.by(() =>
    this.analysis ? energyRows(this.analysis.energy, this.#results.lastCounted?.energy) : energyRows([]),
  );

  /** As they are told: beside the picture they are of. */
  readonly shownEnergyRows = $derived.by(() => (this.shown ? this.energyRows : energyRows([])));

  /** Uniform widths that keep the answer, the widest first. */
  readonly keptUniform = $derived.by(() =>
    this.curve.filter(({ bits }) => this.#under(uniformPlan(this.plan.current, bits))?.top1Kept === true),
  );

  /** The accelerator of the headline and of the energy per layer. */
  readonly energyRow = $derived(
    this.energyRows.find(({ id }) => id === this.view.accelerator) ??
      this.energyRows.find(({ id }) => id === FIRST_ACCELERATOR),
  );

  /** The map that the image was given: painted, or of a file. */
  readonly ownMap: OwnMap | null = $derived.by(() => {
    const image = this.images.selected;
    return (image && this.brush.maps.get(image.id)) ?? null;
  });

  /** One file for the image that is shown. */
  readonly mapWish: MapWish | null = $derived.by(() => {
    const image = this.images.selected;
    if (!image || !this.app.models.current) return null;
    return {
      label: `Importance map of ${baseName(image)} (grey PNG, CSV or NPY)`,
      choice: 'map',
      takes: (files) => void this.#takeMap(image, files),
    };
  });

  readonly commandLine: string = $derived.by(() => {
    const image = this.images.selected;
    const model = this.app.models.current;
    return image && model
      ? commandLine(
          imageWord(image, this.images.isSample(image)),
          model.id,
          this.plan.current,
          this.ownMap?.path ?? null,
        )
      : '';
  });

  readonly facts: readonly string[] = $derived([
    count(this.images.opened.length, 'image'),
    // Why stands at the end of the rail, out of sight where there are many.
    ...(this.images.failed.length > 0 ? [`${this.images.failed.length} not opened`] : []),
    ...(this.analysis ? [`${Math.round(this.analysis.timings.totalMs)} ms`] : []),
  ]);

  readonly conditions: ReadonlySet<Condition> = $derived(
    conditionsThatHold({
      'analyse-place': true,
      image: this.images.selected !== null,
      'several-images': this.images.opened.length > 1,
      analysis: this.analysis !== null,
      'can-undo': this.plan.canUndo || this.#removals.length > 0,
      'can-redo': this.plan.canRedo,
    }),
  );

  constructor(app: AppState) {
    this.app = app;
    this.photos = new PhotoLoader(app);
    this.truths = new TrueClasses(app.client, () => app.models.current);
    this.loadReport = new LoadReportState(app);
    this.#results = new Results(app.client, app.messages, () => this.question);
  }

  /** From a change to the result of the newest one. */
  get busy(): string | null {
    return this.#results.busy ? 'analysing…' : null;
  }

  get remembered(): Partial<Settings> {
    return { plan: planOptions(this.plan.current), accelerator: this.view.accelerator };
  }

  async start({ plan, accelerator }: Settings): Promise<void> {
    if (plan) this.plan.reset(settingsOfOptions(plan));
    this.view.accelerator = accelerator;
    const samples = await this.app.client.call('samples.list', {});
    const kept = keptList(sessionStorage);
    const again = kept ? await this.app.client.call('images.again', { images: [...kept.images] }) : [];
    this.images.begin(samples);
    if (kept && again.length > 0) this.images.restore(again, kept.selected);
    this.brush.take([...samples, ...again].flatMap(mapIn));
    this.#begun = true;
  }

  taker() {
    const { mapWish } = this;
    return (files: readonly FileReference[]): readonly FileReference[] => {
      if (this.loadReport.takes(folderOf(files))) return [];
      // What can be nothing else is a map wherever it is dropped; a picture is a photo unless it is dropped as a map.
      if (!mapWish || !files.every((file) => isMapAlone('path' in file ? file.path : file.upload))) return files;
      mapWish.takes(files);
      return [];
    };
  }

  takes(opened: OpenedFiles, files: readonly FileReference[]): void {
    const model = opened.models.at(-1);
    if (model) this.loadReport.tells(model.id);
    if (opened.images.length > 1) this.truths.opens(folderOf(files));
    this.images.add(opened);
    this.brush.take(opened.images.flatMap(mapIn));
  }

  /** `#analyse/RUN?image=17&plan=3`: an outcome of a run, as it was measured. */
  arrives(spot: Spot): void {
    const text = printSpot(spot);
    if (text === this.#arrivedAt) return;
    this.#arrivedAt = text;
    const [runId] = spot.runs;
    const [image, plan] = [Number(spot.chosen['image']), Number(spot.chosen['plan'])];
    if (runId !== undefined && Number.isInteger(image) && Number.isInteger(plan))
      void this.app.run('opening-files', (options) => this.#openOutcome({ runId, image, plan }, options));
  }

  async #openOutcome(outcome: InputOf<'runs.open'>, options: SendOptions): Promise<void> {
    const { image, modelId, plan } = await this.app.client.call('runs.open', outcome, { ...options, slot: 'outcome' });
    this.images.add({ images: [image], failed: [] });
    this.brush.take(mapIn(image));
    this.plan.commit(settingsOfOptions(plan));
    if (modelId !== this.app.models.named) await this.app.models.open(modelId);
  }

  /** What is known of an image of the list under the plan on screen. */
  verdictOf(imageId: string): Verdict | null {
    const subject = this.#subjectOf(imageId);
    const question = subject && { ...subject, settings: this.plan.current };
    if (!question) return null;
    const now = this.#results.of(question);
    if (!now && this.#results.failureOf(question)) return { failed: true };
    const result = now ?? this.#results.lastOf(question);
    const mark = result && markOf(result, this.view.accelerator ?? FIRST_ACCELERATOR, this.view.mode);
    if (!result || !mark) return null;
    const answer = result.quantised.top[0]?.label ?? '';
    return { failed: false, saved: mark.saved, kept: result.top1Kept, answer, earlier: now === null };
  }

  /** Follows image, model and plan for as long as the component that calls it lives. */
  follow(): void {
    this.photos.follow(
      () => this.images.selected,
      () => this.app.models.current,
      () => this.images.neighbours,
    );
    this.#results.follow();
    this.loadReport.follow(() => this.images.selected?.id ?? null);
    this.truths.follow(() => this.images.opened.length);
    $effect(() => {
      // What was kept must be there before anything is kept over it.
      if (this.#begun) keepList(sessionStorage, this.images.opened);
    });
    $effect(() => {
      if (this.#begun) keepSelected(sessionStorage, this.images.selected?.id ?? null);
    });
    followAlternatives({
      question: () => this.question,
      rests: () =>
        this.#results.connected &&
        !this.#results.busy &&
        this.question !== null &&
        this.#results.isWhole(this.question),
      ask: async (subject, plans, signal) => {
        await this.#results.several(subject, plans, signal);
        if (this.images.opened.length > FEW_IMAGES) return;
        for (const { id } of untrack(() => this.images.opened)) {
          const other = untrack(() => this.#subjectOf(id));
          if (other) await this.#results.ahead({ ...other, settings: this.plan.current }, signal);
        }
      },
      onError: (thrown) => this.app.messages.error(thrown),
    });
  }

  retry(): void {
    this.photos.retry();
    this.#results.retry();
  }

  /** Shows the bits of a layer. */
  showLayer(layer: string | null): void {
    this.view.layer = layer;
    this.view.overlay = 'bits';
  }

  async exportAs(kind: ExportKind): Promise<void> {
    if (!this.question) return;
    const { imageId, modelId, settings } = this.question;
    const { layer } = this.view;
    const input = { imageId, modelId, plan: planOptions(settings), kind, ...(layer === null ? {} : { layer }) };
    const file = await this.app.run('exporting', (options) => this.app.client.call('analysis.export', input, options));
    if (file) download(file);
  }

  /** Picture, map, scale, sentence and command as one figure. */
  async exportFigure(as: 'svg' | 'png'): Promise<void> {
    const { shown, photo, view } = this;
    if (!shown || !photo || !this.images.selected) return;
    const name = baseName(this.images.selected);
    const svg = figureSvg(photo, cellMap(shown, view), view.overlay, {
      name,
      sentence: headlineText(shown, this.energyRow, view.mode),
      worth: this.worth,
      legend: mapTitle(shown, view),
      command: this.commandLine,
    });
    const stem = `${name.replace(/\.[^.]*$/, '')}-figure`;
    download({ name: `${stem}.${as}`, ...(await pictureAs(as, svg)) });
  }

  /** The charts as they are on screen. */
  exportCharts(): void {
    if (!this.charts || !this.images.selected) return;
    const name = `${baseName(this.images.selected).replace(/\.[^.]*$/, '')}-charts.svg`;
    download({ name, mime: 'image/svg+xml', bytes: new TextEncoder().encode(panelSvg(this.charts)) });
  }

  /** What is on screen as a file that lasts. */
  async writeReport(): Promise<void> {
    if (!this.question) return;
    const { imageId, modelId, settings } = this.question;
    const order = { imageId, modelId, plan: planOptions(settings) };
    const file = await this.app.run('reporting', (options) => this.app.client.call('reports.analysis', order, options));
    if (file) download(file);
  }

  /** Begins a run of images of the list under the plan on screen; how it goes is told by the window. */
  saveRun({ name, imageIds, keep }: RunToSave): void {
    if (!this.question) return;
    const { modelId, settings } = this.question;
    void this.app.jobs.start({
      name,
      images: { imageIds: [...imageIds] },
      modelId,
      plans: [planOptions(settings)],
      keep,
    });
  }

  /** Takes the image that is shown off the list. */
  removeImage(): void {
    const { selected } = this.images;
    if (!selected) return;
    const putBack = this.images.remove(selected.id);
    this.#removals = [...this.#removals, { putBack, plan: this.plan.settled }];
  }

  /** Takes back what was done last: a change of the plan, or a removal. */
  undo(): void {
    const last = this.#removals.at(-1);
    if (!last || (last.plan !== this.plan.settled && this.plan.canUndo)) return this.plan.undo();
    this.#removals = this.#removals.slice(0, -1);
    last.putBack();
  }

  /** Asks how a run of all images of the list is to be kept. */
  evaluateAll(): void {
    this.savingAll = true;
    this.savingRun = true;
  }

  /** The shown image under another plan, where that is known. */
  #under(settings: PlanSettings): Analysis | null {
    return this.subject && this.#results.of({ ...this.subject, settings });
  }

  #markUnder(settings: PlanSettings): Mark | null {
    const analysis = this.#under(settings);
    return analysis && markOf(analysis, this.energyRow?.id ?? FIRST_ACCELERATOR, this.view.mode);
  }

  #subjectOf(imageId: string): Subject | null {
    const model = this.app.models.current;
    const map = this.brush.maps.get(imageId)?.sha256 ?? null;
    return model && { imageId, modelId: model.id, revision: this.app.models.revisionOf(model.id), map };
  }

  /** What can be painted on: the image as the model sees it, with the map it has. */
  canvas(): Canvas | null {
    const { selected } = this.images;
    const side = this.plan.current.regions;
    if (!selected || !this.photo) return null;
    const shown = this.plan.current.metric === 'given' && !this.plan.current.inverse ? this.shown?.importance : null;
    const values = shown?.values.length === side ** 2 ? shown.values : null;
    return { imageId: selected.id, grid: { rows: side, columns: side }, values };
  }

  async #takePainted({ imageId, grid }: Canvas, values: readonly number[]): Promise<void> {
    const model = this.app.models.current;
    if (!model) return;
    const input = { imageId, modelId: model.id, columns: grid.columns, values: [...values] };
    const painted = await this.app.run('opening-files', (options) =>
      this.app.client.call('images.paint', input, { ...options, slot: `map of ${imageId}` }),
    );
    if (!painted) return;
    this.brush.maps.set(imageId, painted);
    this.#planByMap(imageId);
  }

  /** Takes a file for the map of an image. One that cannot be it is told, and leaves the image as it was. */
  async #takeMap({ id, name }: ImageEntry, files: readonly FileReference[]): Promise<void> {
    const [file, ...others] = files;
    if (!file || others.length > 0) {
      this.app.messages.record({
        code: 'bad-argument',
        message: `an image has one importance map; found ${files.length} files`,
        next: `Drop the one of ${name}; a folder of maps belongs to a folder of photos, in Evaluate.`,
      });
      return;
    }
    const map = await this.app.run('opening-files', (options) =>
      this.app.client.call('images.map', { imageId: id, file }, { ...options, slot: `map of ${id}` }),
    );
    if (!map) return;
    this.brush.take([[id, map]]);
    this.#planByMap(id);
    if (this.images.selected?.id === id) this.view.overlay = 'importance';
  }

  /** The map of an image is to be seen at work, unless one looks at another by now. */
  #planByMap(imageId: string): void {
    if (this.images.selected?.id !== imageId) return;
    const { current } = this.plan;
    if (current.metric !== 'given') this.plan.commit({ ...withMetric(current, 'given'), inverse: false });
  }
}

/** The map that an image comes with, by its id; none where it has none of its own. */
function mapIn({ id, map }: ImageEntry): readonly (readonly [string, OwnMap])[] {
  return map ? [[id, map]] : [];
}
