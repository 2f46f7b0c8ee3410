import type { FailedFile, OpenedFiles } from '../../src-shared/contract/files.ts';
import type { ImageEntry } from '../../src-shared/contract/images.ts';
import { merged } from '../merge.ts';

/** What is told of an image beneath its name. */
export type Verdict =
  { readonly failed: true } | { readonly failed: false; readonly saved: number; readonly kept: boolean };

/** The images of the rail: which there are, which is shown, which files failed. */
export class ImageList {
  samples = $state.raw<readonly ImageEntry[]>([]);
  #opened = $state.raw<readonly ImageEntry[]>([]);
  #failed = $state.raw<readonly FailedFile[]>([]);
  #selectedId = $state<string | null>(null);

  get opened(): readonly ImageEntry[] {
    return this.#opened;
  }

  get failed(): readonly FailedFile[] {
    return this.#failed;
  }

  readonly selected = $derived(this.#opened.find(({ id }) => id === this.#selectedId) ?? null);

  /** Adds what was opened, without doubles, and shows the first of it. */
  add({ images, failed }: Pick<OpenedFiles, 'images' | 'failed'>): void {
    this.#opened = merged(this.#opened, images, ({ id }) => id);
    this.#failed = merged(this.#failed, failed, ({ name }) => name).filter(
      ({ name }) => !images.some((image) => image.name === name),
    );
    if (images[0]) this.select(images[0].id);
  }

  /** Whether the file was sent by this page, and lies nowhere else on the host. */
  isSent({ id, path }: ImageEntry): boolean {
    return path === null && !this.samples.some((sample) => sample.id === id);
  }

  select(id: string): void {
    this.#selectedId = id;
  }

  /** Shows the image `step` places further on, stopping at the ends. */
  move(step: number): void {
    const index = this.#opened.findIndex(({ id }) => id === this.#selectedId);
    const target = this.#opened[Math.min(this.#opened.length - 1, Math.max(0, index + step))];
    if (target) this.select(target.id);
  }

  /** The next image and the one before: what is likely shown next. */
  get neighbours(): readonly ImageEntry[] {
    const index = this.#opened.findIndex(({ id }) => id === this.#selectedId);
    return [this.#opened[index + 1], this.#opened[index - 1]].filter((image) => image !== undefined);
  }

  /** Takes an image off the list; its neighbour is shown in its stead. */
  remove(id: string): void {
    const index = this.#opened.findIndex((image) => image.id === id);
    this.#opened = this.#opened.filter((image) => image.id !== id);
    if (this.#selectedId === id) this.#selectedId = (this.#opened[index] ?? this.#opened.at(-1))?.id ?? null;
  }

  dismissFailed(name: string): void {
    this.#failed = this.#failed.filter((failed) => failed.name !== name);
  }
}
