import type { Condition } from '../../src-shared/commands.ts';
import type { RunsComparison } from '../../src-shared/contract/comparison.ts';
import type { Settings } from '../../src-shared/contract/app.ts';
import type { OpenedFiles } from '../../src-shared/contract/files.ts';
import { count } from '../../src-shared/count-text.ts';
import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { type ErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import { comparisonHeadlines } from '../../src-shared/runs/comparison-headline.ts';
import {
  type ComparedImages,
  decodeColumns,
  imagesOf,
  type Outcome,
  OUTCOMES,
} from '../../src-shared/runs/comparison-columns.ts';
import { KEPT, type Kept, MAX_COMPARED } from '../../src-shared/runs/run-comparison.ts';
import { quoted } from '../../src-shared/shell-word.ts';
import type { AppState } from '../app.svelte.ts';
import { download } from '../files/download.ts';
import type { LoadThumbnail } from '../picture/photo-loader.svelte.ts';
import { type Actions, conditionsThatHold, type Place } from '../place.ts';
import type { Spot } from '../spot.ts';
import { RunLibrary } from './run-library.svelte.ts';
import { StagePair } from './stage-pair.svelte.ts';

/** A plan of a run that is put side by side with others: `ID`, or `ID:2` for its second plan. */
export interface Side {
  readonly runId: string;
  readonly plan: number;
}

const TELLING_FIRST: readonly Outcome[] = ['onlyFirst', 'onlyOther', 'disagree', 'bothWrong', 'bothRight'];

interface Answer {
  readonly key: string;
  readonly comparison: RunsComparison;
  readonly images: ComparedImages;
}

/** The Compare place. What is compared and chosen stands in the address: `#compare/RUN,RUN:2?cell=onlyFirst&n=3`. */
export class CompareState implements Place {
  readonly id = 'compare';
  readonly label = 'Compare';
  readonly app: AppState;
  readonly library: RunLibrary;
  readonly stages: StagePair;
  #answer = $state.raw<Answer | null>(null);
  failure = $state.raw<ErrorRecord | null>(null);
  /** The comparison that is waited for: what comes of another is no more wanted. */
  #asking = $state.raw<object | null>(null);
  /** Of the energy panels. */
  energy = $state<'compute' | 'total'>('compute');
  allSettings = $state(false);

  readonly spot: Spot = $derived.by(() => {
    const { spot } = this.app.address;
    return spot?.place === 'compare' ? spot : this.app.address.lastOf('compare');
  });
  readonly sides: readonly Side[] = $derived(this.spot.runs.map(sideOf));
  readonly #key = $derived(this.spot.runs.join());

  /** Null until what is chosen has been compared. */
  readonly comparison: RunsComparison | null = $derived(
    this.#answer?.key === this.#key ? this.#answer.comparison : null,
  );
  readonly images: ComparedImages | null = $derived(this.#answer?.key === this.#key ? this.#answer.images : null);

  /** The side that is held against the baseline, of several. */
  readonly other: number = $derived(
    Math.min(Math.max(1, this.sides.length - 1), Math.max(1, Number(this.spot.chosen['other'] ?? 1) || 1)),
  );
  readonly kept: Kept = $derived(KEPT.find((kept) => kept === this.spot.chosen['by']) ?? 'top1');
  /** Unless the address names a cell: the first that tells the runs apart and has any image. */
  readonly outcome: Outcome = $derived(
    OUTCOMES.find((outcome) => outcome === this.spot.chosen['cell']) ??
      TELLING_FIRST.find((outcome) => this.#imagesOf(outcome).length > 0) ??
      'onlyFirst',
  );
  /** Indexes of the images of the chosen cell. */
  readonly selection: readonly number[] = $derived(this.#imagesOf(this.outcome));
  readonly at: number = $derived(
    Math.min(Math.max(0, this.selection.length - 1), Math.max(0, Number(this.spot.chosen['n'] ?? 0) || 0)),
  );
  readonly image: number | null = $derived(this.selection[this.at] ?? null);

  readonly headline: string = $derived.by(() => {
    const compared = this.comparison;
    if (!compared) return '';
    return comparisonHeadlines(compared.comparison, compared.energy, builtinAccelerators())[this.other - 1] ?? '';
  });

  readonly commandLine: string = $derived.by(() =>
    this.sides.length > 1
      ? `fovea runs compare ${this.sides.map(({ runId, plan }) => quoted(`${runId}:${plan + 1}`)).join(' ')} --mode all${this.app.storeWords}`
      : '',
  );
  readonly facts: readonly string[] = $derived.by(() => [
    count(this.library.counts.all + this.library.counts.archived, 'run'),
    ...(this.comparison ? [`${count(this.comparison.comparison.images, 'image')} in common`] : []),
  ]);
  readonly conditions: ReadonlySet<Condition> = $derived(
    conditionsThatHold({ 'several-images': this.selection.length > 1 }),
  );
  readonly actions: Actions = {
    'image.previous': () => this.move(-1),
    'image.next': () => this.move(1),
  };
  readonly remembered: Partial<Settings> = {};

  constructor(app: AppState) {
    this.app = app;
    this.library = new RunLibrary(app.client, app.messages);
    this.stages = new StagePair(this);
    app.client.on('run.changed', ({ status }) => {
      if (status !== 'running' && this.library.known) void this.library.ask();
    });
  }

  /** Sides whose runs are no more: deleted in another window, or named by an old address. */
  get gone(): readonly Side[] {
    return this.library.known ? this.sides.filter(({ runId }) => !this.library.find(runId)) : [];
  }

  #imagesOf(outcome: Outcome): readonly number[] {
    return this.images ? imagesOf(this.images, this.other, this.kept, outcome) : [];
  }

  get busy(): string | null {
    return this.#asking ? 'comparing…' : null;
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  takes({ images }: OpenedFiles): void {
    if (images.length > 0) this.app.messages.done('Images are opened in Analyse; here runs are compared.');
  }

  /** The address was followed: what it names is compared. */
  arrives(): void {
    void this.library.ask();
    void this.library.askComparable(this.sides[0]?.runId ?? null);
    void this.#compare();
  }

  async #compare(): Promise<void> {
    const [key, sides] = [this.#key, this.sides];
    this.failure = null;
    this.#asking = null;
    if (sides.length < 2 || this.#answer?.key === key) return;
    const asking = (this.#asking = {});
    try {
      const comparison = await this.app.client.read('runs.compare', { sides: [...sides] }, { slot: 'compare' });
      if (this.#asking === asking) this.#answer = { key, comparison, images: decodeColumns(comparison.columns) };
    } catch (thrown) {
      if (this.#asking === asking) this.failure = toErrorRecord(thrown);
    } finally {
      if (this.#asking === asking) this.#asking = null;
    }
  }

  /** Compares anew: after a run has gone on, or an error. */
  retry(): void {
    this.#answer = null;
    this.arrives();
  }

  leaveOutGone(): void {
    const gone = this.gone;
    this.#goTo(this.sides.filter((side) => !gone.includes(side)));
  }

  sidesOf(runId: string): number[] {
    return this.sides.flatMap((side, index) => (side.runId === runId ? [index] : []));
  }

  /** Puts a run among those compared, or takes it out. */
  toggle(runId: string): void {
    const without = this.sides.filter((side) => side.runId !== runId);
    if (without.length < this.sides.length) this.#goTo(without);
    else if (this.sides.length < MAX_COMPARED) this.#goTo([...this.sides, { runId, plan: 0 }]);
    else this.app.messages.done(`At most ${MAX_COMPARED} runs are compared at once.`);
  }

  makeBaseline(runId: string): void {
    const own = this.sides.filter((side) => side.runId === runId);
    const others = this.sides.filter((side) => side.runId !== runId);
    this.#goTo([...(own.length > 0 ? own : [{ runId, plan: 0 }]), ...others].slice(0, MAX_COMPARED));
  }

  /** The side that is shown becomes the baseline. */
  swap(): void {
    const other = this.sides[this.other];
    if (other) this.#goTo([other, ...this.sides.filter((side) => side !== other)]);
  }

  choosePlan(index: number, plan: number): void {
    this.#goTo(this.sides.map((side, at) => (at === index ? { ...side, plan } : side)));
  }

  #goTo(sides: readonly Side[]): void {
    const { chosen } = this.spot;
    this.app.address.go({ place: 'compare', runs: sides.map(sideText), chosen: { ...chosen, n: '', other: '' } });
  }

  /** What is compared as a file that lasts. */
  async writeReport(): Promise<void> {
    const sides = [...this.sides];
    const file = await this.app.run('reporting', (options) =>
      this.app.client.call('reports.comparison', { sides }, options),
    );
    if (file) download(file);
  }

  chooseOther(other: number): void {
    this.#refine({ other: String(other), n: '' });
  }

  chooseKept(by: Kept): void {
    this.#refine({ by, n: '' });
  }

  choose(cell: Outcome): void {
    this.#refine({ cell, n: '' });
  }

  show(at: number): void {
    this.#refine({ n: String(Math.min(this.selection.length - 1, Math.max(0, at))) });
  }

  move(step: number): void {
    this.show(this.at + step);
  }

  #refine(chosen: Spot['chosen']): void {
    this.app.address.refine({ place: 'compare', chosen });
  }

  /** Opens the shown image in Analyse, with the plan of one side; Esc comes back. */
  analyse(side: number): void {
    const shown = this.sides[side];
    const index = this.image === null ? undefined : this.images?.sides[side]?.indexes[this.image];
    if (!shown || index === undefined) return;
    const chosen = { image: String(index), plan: String(shown.plan) };
    this.app.address.go({ place: 'analyse', runs: [shown.runId], chosen }, { returns: true });
  }

  /** Thumbnails of images by their index among the compared ones. */
  readonly thumbnail: LoadThumbnail = (image, maxSide, signal) =>
    this.app.client.read(
      'runs.thumbnail',
      { runId: this.sides[0]!.runId, image: this.images!.sides[0]!.indexes[Number(image)]!, maxSide },
      { signal },
    );
}

function sideOf(text: string): Side {
  const [, runId = text, plan = '1'] = /^(.+):(\d+)$/.exec(text) ?? [];
  return { runId, plan: Math.max(0, Number(plan) - 1) };
}

function sideText({ runId, plan }: Side): string {
  return plan === 0 ? runId : `${runId}:${plan + 1}`;
}
