import { z } from 'zod';

/** What a piece of work is at, and what its figures count. The words are for the user: `evaluating`, then `120 of 250 images`. */
export const STAGES = {
  'opening-model': { words: 'opening', counts: null },
  'opening-files': { words: 'opening files', counts: 'files' },
  'sending-files': { words: 'sending files', counts: 'files' },
  'finding-images': { words: 'looking for images', counts: 'images' },
  'reading-images': { words: 'reading', counts: 'images' },
  calibrating: { words: 'calibrating ranges', counts: 'images' },
  comparing: { words: 'comparing presets', counts: 'images' },
  analysing: { words: 'analysing', counts: 'images' },
  evaluating: { words: 'evaluating', counts: 'images' },
  searching: { words: 'searching', counts: 'images' },
  'counting-up': { words: 'counting up', counts: null },
  downloading: { words: 'downloading', counts: 'bytes' },
  copying: { words: 'copying', counts: 'bytes' },
  exporting: { words: 'exporting', counts: null },
  reporting: { words: 'writing the report', counts: null },
} as const;

export type Stage = keyof typeof STAGES;

/** How far a piece of work is, in figures; words are made of them where they are shown. */
export const workFiguresSchema = z.object({
  stage: z.enum(Object.keys(STAGES) as [Stage, ...Stage[]]),
  /** What it is done to, where that tells more: a model, the best profile so far. */
  subject: z.string().nullable(),
  /** Failures included. */
  done: z.number(),
  /** Null while it is not known. */
  total: z.number().nullable(),
  failed: z.number(),
  /** So many a second, over the last seconds; null before the first. */
  rate: z.number().nullable(),
  secondsLeft: z.number().nullable(),
});
export type WorkFigures = Readonly<z.infer<typeof workFiguresSchema>>;

/** What has happened to a run's folder since it began: paths in it. */
export interface FolderChanges {
  /** Not part of the run. */
  readonly added: readonly string[];
  /** Since they were evaluated. */
  readonly edited: readonly string[];
  readonly gone: readonly string[];
}

/** What has happened to the maps of a run's images since it began: paths of the images. */
export interface MapChanges {
  readonly edited: readonly string[];
  readonly gone: readonly string[];
}

/** Something the user should know of the work, once; words are made of it where it is shown. */
export type WorkNote =
  | { readonly note: 'preset-assumed'; readonly model: string; readonly preset: string }
  /** Something assumed of a model, or found in it, in words. */
  | { readonly note: 'model-remark'; readonly model: string; readonly remark: string }
  | { readonly note: 'labels-remark'; readonly remark: string }
  /** `fromOne`: taken for numbers that count from 1, the labels do fit. */
  | { readonly note: 'no-better-than-chance'; readonly classes: number; readonly fromOne: boolean }
  | { readonly note: 'calibrated-on-the-spot'; readonly model: string; readonly images: number }
  | { readonly note: 'no-labels'; readonly folder: string }
  | { readonly note: 'unlabelled-left-out'; readonly images: number; readonly remaining: number }
  | { readonly note: 'other-files-left-out'; readonly files: number }
  | { readonly note: 'undecodable-names-left-out'; readonly names: number }
  | { readonly note: 'broken-links'; readonly links: number }
  | { readonly note: 'older-results-anew' }
  /** An order that an earlier, unfinished run was given, too. */
  | { readonly note: 'goes-on'; readonly run: string }
  /** An order that a process, `host:pid`, is at work on: what that gives is told. */
  | { readonly note: 'follows'; readonly run: string; readonly owner: string }
  /** An order that a process of another host has in hand, which may be gone: `host:pid`. */
  | { readonly note: 'waits-for-owner'; readonly run: string; readonly owner: string }
  | ({ readonly note: 'folder-changed' } & FolderChanges)
  | ({ readonly note: 'maps-changed' } & MapChanges)
  | { readonly note: 'installed-already'; readonly model: string }
  | { readonly note: 'download-interrupted'; readonly model: string; readonly reason: string };

/** What a piece of work has of whoever asked for it: the wish to stop, and two ears. */
export interface Work {
  readonly signal: AbortSignal;
  progress(figures: WorkFigures): void;
  note(note: WorkNote): void;
}

/** Figures of work that has just begun, or whose parts are not counted. */
export function figuresOf(stage: Stage, known: Partial<Omit<WorkFigures, 'stage'>> = {}): WorkFigures {
  return { stage, subject: null, done: 0, total: null, failed: 0, rate: null, secondsLeft: null, ...known };
}

/** The rate is taken over so many seconds: it follows the machine's load, and does not jump. */
const WINDOW_SECONDS = 20;
const TOLD_EVERY_MS = 100;

/** Counts what is done of a stage, and tells the rate and how long the rest will take. Has the clock that it is given. */
export class WorkMeter {
  readonly #work: Pick<Work, 'progress'>;
  readonly #begun: WorkFigures;
  readonly #now: () => number;
  #done = 0;
  #failed = 0;
  #toldAt = -Infinity;
  #marks: { readonly time: number; readonly done: number }[];

  /** @param now milliseconds, from anywhere on */
  constructor(work: Pick<Work, 'progress'>, begun: WorkFigures, now: () => number) {
    this.#work = work;
    this.#begun = begun;
    this.#now = now;
    this.#marks = [{ time: now(), done: 0 }];
  }

  /** So many more are done; `failed` of them failed. */
  advance(more: number, failed = 0): void {
    if (more > 0) this.#tell(this.#done + more, this.#failed + failed);
  }

  /** So many are done now. Fewer than before: it begins anew. */
  reach(done: number): void {
    const isFirst = this.#done === 0 && this.#marks.length === 1;
    // What an earlier call left of a download came at no rate of this one.
    if (done < this.#done || (isFirst && STAGES[this.#begun.stage].counts === 'bytes'))
      this.#marks = [{ time: this.#now(), done }];
    this.#tell(done, this.#failed);
  }

  #tell(done: number, failed: number): void {
    this.#done = done;
    this.#failed = failed;
    const time = this.#now();
    const { stage, total } = this.#begun;
    // Bytes come in many small pieces.
    if (STAGES[stage].counts === 'bytes' && time - this.#toldAt < TOLD_EVERY_MS && done !== total) return;
    this.#toldAt = time;
    this.#marks.push({ time, done });
    const oldest = this.#marks.findIndex((mark) => time - mark.time < WINDOW_SECONDS * 1000);
    // One mark from before the window stays, so that slow work has a rate, too.
    this.#marks = this.#marks.slice(Math.max(0, oldest - 1));
    const first = this.#marks[0]!;
    const rate = time > first.time ? (1000 * (done - first.done)) / (time - first.time) : 0;
    this.#work.progress({
      ...this.#begun,
      done,
      failed,
      rate: rate > 0 ? rate : null,
      secondsLeft: rate > 0 && total !== null ? (total - done) / rate : null,
    });
  }
}
