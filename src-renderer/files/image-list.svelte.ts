import type { FailedFile, OpenedFiles } from '../../src-shared/contract/files.ts';
import type { ImageEntry } from '../../src-shared/contract/images.ts';
import { merged } from '../merge.ts';
import { baseName, folderName } from './image-names.ts';

/** What is told of an image beneath its name. */
export type Verdict =
  | { readonly failed: true }
  | {
      readonly failed: false;
      readonly saved: number;
      readonly kept: boolean;
      /** The answer under the plan. */
      readonly answer: string;
      /** Of a plan before this one. */
      readonly earlier: boolean;
    };

export const SORTS = ['opened', 'name', 'saved', 'changed'] as const;
export type Sort = (typeof SORTS)[number];

/** Images of one folder, as the rail shows them. */
export interface ImageGroup {
  readonly folder: string;
  readonly images: readonly ImageEntry[];
}

/** The images of the rail: which there are, which is shown, which files failed. */
export class ImageList {
  samples = $state.raw<readonly ImageEntry[]>([]);
  sort = $state<Sort>('opened');
  /** Only those whose answer the plan changes, or that failed. */
  changedOnly = $state(false);
  #opened = $state.raw<readonly ImageEntry[]>([]);
  #failed = $state.raw<readonly FailedFile[]>([]);
  #selectedId = $state<string | null>(null);
  /** Only the samples of the start are there: they give way to what the user opens. */
  #asBegun = true;
  readonly #verdictOf: (imageId: string) => Verdict | null;

  constructor(verdictOf: (imageId: string) => Verdict | null = () => null) {
    this.#verdictOf = verdictOf;
  }

  get opened(): readonly ImageEntry[] {
    return this.#opened;
  }

  get failed(): readonly FailedFile[] {
    return this.#failed;
  }

  readonly selected = $derived(this.#opened.find(({ id }) => id === this.#selectedId) ?? null);

  /** In the order and choice of the user, folder by folder; the one that is shown is always among them. */
  readonly groups: readonly ImageGroup[] = $derived.by(() => {
    const folders = Map.groupBy(this.#opened, (image) => this.#folderOf(image));
    return [...folders].flatMap(([folder, own]) => {
      const images = this.#arranged(own);
      return images.length > 0 ? [{ folder, images }] : [];
    });
  });

  readonly listed: readonly ImageEntry[] = $derived(this.groups.flatMap(({ images }) => images));

  /** The samples, to begin with; nothing where the user was faster. */
  begin(samples: readonly ImageEntry[]): void {
    this.samples = samples;
    if (this.#opened.length > 0 || this.#failed.length > 0) return;
    this.#opened = samples;
    this.#selectedId = samples[0]?.id ?? null;
  }

  /** As it was before a reload; what the user was faster to open stands behind it, and stays shown. */
  restore(images: readonly ImageEntry[], selectedId: string | null): void {
    const opened = this.#asBegun ? [] : this.#opened;
    this.#asBegun &&= images.every((image) => this.isSample(image));
    this.#opened = merged(images, opened, ({ id }) => id);
    if (opened.length === 0)
      this.#selectedId = images.some(({ id }) => id === selectedId) ? selectedId : (images[0]?.id ?? null);
  }

  /** Adds what was opened, without doubles, and shows the first of it. */
  add({ images, failed }: Pick<OpenedFiles, 'images' | 'failed'>): void {
    const own = images.some((image) => !this.isSample(image));
    const before = own && this.#asBegun ? [] : this.#opened;
    if (own) this.#asBegun = false;
    this.#opened = merged(before, images, ({ id }) => id);
    this.#failed = merged(this.#failed, failed, ({ name }) => name).filter(
      ({ name }) => !images.some((image) => image.name === name),
    );
    if (images[0]) this.select(images[0].id);
  }

  /** Whether the file was sent by this page, and lies nowhere else on the host. */
  isSent(image: ImageEntry): boolean {
    return image.path === null && !this.isSample(image);
  }

  select(id: string): void {
    this.#selectedId = id;
  }

  /** Shows the image `step` places further on, stopping at the ends. */
  move(step: number): void {
    const target = this.#beside(step, true);
    if (target) this.select(target.id);
  }

  /** The next image and the one before: what is likely shown next. */
  get neighbours(): readonly ImageEntry[] {
    return [this.#beside(1), this.#beside(-1)].filter((image) => image !== undefined);
  }

  /**
   * Takes an image off the list; its neighbour is shown in its stead.
   * @returns what puts it back
   */
  remove(id: string): () => void {
    const image = this.#opened.find((one) => one.id === id);
    const index = this.listed.findIndex((one) => one.id === id);
    if (!image) return () => undefined;
    const before = this.#opened;
    const at = before.indexOf(image);
    const { listed } = this;
    this.#opened = before.filter((one) => one !== image);
    if (this.#selectedId === id)
      this.#selectedId = (listed[index + 1] ?? listed[index - 1] ?? this.#opened[0])?.id ?? null;
    return () => {
      if (!this.#opened.some((one) => one.id === id)) this.#opened = this.#opened.toSpliced(at, 0, image);
      this.select(id);
    };
  }

  dismissFailed(name: string): void {
    this.#failed = this.#failed.filter((failed) => failed.name !== name);
  }

  isSample({ id }: ImageEntry): boolean {
    return this.samples.some((sample) => sample.id === id);
  }

  #folderOf(image: ImageEntry): string {
    return this.isSample(image) ? 'Samples' : folderName(image);
  }

  #beside(step: number, stopping = false): ImageEntry | undefined {
    const index = this.listed.findIndex(({ id }) => id === this.#selectedId);
    const at = stopping ? Math.min(this.listed.length - 1, Math.max(0, index + step)) : index + step;
    return this.listed[at];
  }

  #arranged(images: readonly ImageEntry[]): readonly ImageEntry[] {
    if (this.sort === 'opened' && !this.changedOnly) return images;
    const told = images.map((image) => {
      const verdict = this.#verdictOf(image.id);
      const changed = verdict !== null && (verdict.failed || !verdict.kept);
      return { image, changed, saved: verdict && !verdict.failed ? verdict.saved : -Infinity };
    });
    const wanted = told.filter(({ image, changed }) => !this.changedOnly || changed || image.id === this.#selectedId);
    return wanted.toSorted(ORDERS[this.sort]).map(({ image }) => image);
  }
}

interface Told {
  readonly image: ImageEntry;
  readonly changed: boolean;
  readonly saved: number;
}

/** Where two are alike, they stay as they were opened. */
const ORDERS: Readonly<Record<Sort, (a: Told, b: Told) => number>> = {
  opened: () => 0,
  name: (a, b) => baseName(a.image).localeCompare(baseName(b.image), undefined, { numeric: true }),
  saved: (a, b) => (a.saved === b.saved ? 0 : b.saved - a.saved),
  changed: (a, b) => Number(b.changed) - Number(a.changed),
};
