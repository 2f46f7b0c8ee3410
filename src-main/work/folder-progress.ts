export interface FolderProgress {
  /** Images done in this sitting, failures included. */
  readonly done: number;
  /** Images this sitting began with. */
  readonly total: number;
  readonly failed: number;
  /** Over the last seconds; null before the first image. */
  readonly imagesPerSecond: number | null;
  readonly secondsLeft: number | null;
}

/** The rate is taken over so many seconds: it follows the machine's load, and does not jump. */
const WINDOW_SECONDS = 20;

/** Counts images and tells how long the rest will take. */
export class ProgressMeter {
  readonly #total: number;
  readonly #onProgress: ((progress: FolderProgress) => void) | undefined;
  #done = 0;
  #failed = 0;
  #marks: { readonly time: number; readonly done: number }[] = [{ time: performance.now(), done: 0 }];

  constructor(total: number, onProgress: ((progress: FolderProgress) => void) | undefined) {
    this.#total = total;
    this.#onProgress = onProgress;
  }

  /** @param failed how many of the images failed */
  advance(images: number, failed: number): void {
    if (images === 0) return;
    this.#done += images;
    this.#failed += failed;
    const time = performance.now();
    this.#marks.push({ time, done: this.#done });
    const oldest = this.#marks.findIndex((mark) => time - mark.time < WINDOW_SECONDS * 1000);
    // One mark from before the window stays, so that a slow network has a rate, too.
    this.#marks = this.#marks.slice(Math.max(0, oldest - 1));
    const [first] = this.#marks;
    const imagesPerSecond = (1000 * (this.#done - first!.done)) / (time - first!.time);
    this.#onProgress?.({
      done: this.#done,
      total: this.#total,
      failed: this.#failed,
      imagesPerSecond,
      secondsLeft: (this.#total - this.#done) / imagesPerSecond,
    });
  }
}

/** `120 of 250 images, 41.3 a second, 3 s left, 2 failed` */
export function progressText({ done, total, failed, imagesPerSecond, secondsLeft }: FolderProgress): string {
  const rate = imagesPerSecond === null ? '' : `, ${imagesPerSecond.toFixed(1)} a second`;
  const left = secondsLeft === null || done === total ? '' : `, ${durationText(secondsLeft)} left`;
  return `${done} of ${total} images${rate}${left}${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** `45 s`, `12 min`, `3 h 20 min` */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
