import type { EncodedImage, ImageEntry } from '../../src-shared/contract/images.ts';
import type { ModelDetails } from '../../src-shared/contract/models.ts';
import { toErrorRecord, type ErrorRecord } from '../../src-shared/errors.ts';
import type { Rectangle } from '../../src-shared/image.ts';
import type { Client } from '../link/client.ts';
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

/** The shown photo. A new one replaces it only when it can be drawn, so that nothing flickers. */
export class PhotoLoader {
  #photo = $state.raw<Photo | null>(null);
  #failure = $state.raw<ErrorRecord | null>(null);
  #attempt = $state(0);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

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
  follow(wanted: () => ImageEntry | null, inUse: () => ModelDetails | null): void {
    $effect(() => {
      const image = wanted();
      const model = inUse();
      void this.#attempt;
      this.#failure = null;
      if (!image || !model) return;
      const abort = new AbortController();
      this.#load(image, model, abort.signal).catch((thrown: unknown) => {
        if (abort.signal.aborted) return;
        this.#photo = null;
        this.#failure = toErrorRecord(thrown);
      });
      return () => abort.abort();
    });
  }

  async #load(image: ImageEntry, model: ModelDetails, signal: AbortSignal): Promise<void> {
    const preview = await this.#client.call('images.preview', { imageId: image.id, modelId: model.id }, { signal });
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(preview.bytes)], { type: preview.mime }));
    if (signal.aborted) return;
    const { width, height } = bitmap;
    const [x, y] = [width / image.width, height / image.height];
    const { left, top, right, bottom } = preview.crop;
    const crop = { left: left * x, right: right * x, top: top * y, bottom: bottom * y };
    const inputSize = { width: model.inputSize[0], height: model.inputSize[1] };
    this.#photo = { imageId: image.id, bitmap, width, height, crop, inputSize };
  }
}
