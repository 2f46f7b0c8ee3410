import type { EncodedImage, ImageEntry } from '../../src-shared/contract/images.ts';
import type { ModelDetails } from '../../src-shared/contract/models.ts';
import { toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import type { Rectangle } from '../../src-shared/image.ts';
import { keepRecent } from '../../src-shared/keep-recent.ts';
import type { Client } from '../link/client.ts';
import { blobOf } from './encoded-picture.ts';
import type { Size } from './viewport.ts';

/** A photo ready to be drawn; lengths in its own pixels, which may be fewer than the file's. */
export interface Photo extends Size {
  readonly imageId: string;
  readonly bitmap: ImageBitmap;
  /** What the network sees. */
  readonly crop: Rectangle;
  /** Size of the network's input. */
  readonly inputSize: Size;
}

/** Fetches a small picture of an image, at most so many pixels a side. */
export type LoadThumbnail = (imageId: string, maxSide: number, signal: AbortSignal) => Promise<EncodedImage>;

/** What photos are fetched from. */
interface Source {
  readonly client: Client;
  readonly models: { revisionOf(modelId: string): number };
}

/** Through what an image is seen: how a model's card has it cropped. */
interface Seen {
  readonly model: ModelDetails;
  readonly revision: number;
}

/** Photos that stay drawable: the shown one, its neighbours, and those just left. */
const KEPT_PHOTOS = 6;

/** The shown photo; the photos beside it are fetched ahead. */
export class PhotoLoader {
  #photo = $state.raw<Photo | null>(null);
  #failure = $state.raw<ErrorRecord | null>(null);
  #attempt = $state(0);
  /** By image, model and revision, the one used last at the end. */
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- nothing that is drawn follows it
  readonly #kept = new Map<string, Photo>();
  readonly #source: Source;

  constructor(source: Source) {
    this.#source = source;
  }

  /** The photo that was ready last; which image it is of, it says itself. */
  get photo(): Photo | null {
    return this.#photo;
  }

  get failure(): ErrorRecord | null {
    return this.#failure;
  }

  retry(): void {
    if (this.#failure) this.#attempt++;
  }

  /** Follows the image that is wanted and the model in use, for as long as the component that calls it lives. */
  follow(
    wanted: () => ImageEntry | null,
    inUse: () => ModelDetails | null,
    neighbours: () => readonly ImageEntry[] = () => [],
  ): void {
    $effect(() => {
      const image = wanted();
      const model = inUse();
      const next = neighbours();
      void this.#attempt;
      this.#failure = null;
      if (!image || !model) return;
      const abort = new AbortController();
      const seen = { model, revision: this.#source.models.revisionOf(model.id) };
      void this.#show(image, next, seen, abort.signal);
      return () => abort.abort();
    });
  }

  async #show(image: ImageEntry, next: readonly ImageEntry[], seen: Seen, signal: AbortSignal): Promise<void> {
    try {
      const photo = await this.#load(image, seen, signal);
      if (!signal.aborted) this.#photo = photo;
    } catch (thrown) {
      if (signal.aborted) return;
      this.#photo = null;
      this.#failure = toErrorRecord(thrown);
    }
    for (const neighbour of next)
      // What keeps a neighbour from being fetched is told when it is wanted.
      if (!signal.aborted) await this.#load(neighbour, seen, signal).catch(() => undefined);
  }

  async #load(image: ImageEntry, { model, revision }: Seen, signal: AbortSignal): Promise<Photo> {
    const key = JSON.stringify([image.id, model.id, revision]);
    const photo = this.#kept.get(key) ?? (await this.#fetch(image, model, signal));
    keepRecent(this.#kept, key, photo, KEPT_PHOTOS);
    return photo;
  }

  async #fetch(image: ImageEntry, model: ModelDetails, signal: AbortSignal): Promise<Photo> {
    const preview = await this.#source.client.read(
      'images.preview',
      { imageId: image.id, modelId: model.id },
      { signal },
    );
    const bitmap = await createImageBitmap(blobOf(preview));
    const { width, height } = bitmap;
    const [x, y] = [width / image.width, height / image.height];
    const { left, top, right, bottom } = preview.crop;
    const crop = { left: left * x, right: right * x, top: top * y, bottom: bottom * y };
    const inputSize = { width: model.inputSize[0], height: model.inputSize[1] };
    return { imageId: image.id, bitmap, width, height, crop, inputSize };
  }
}
