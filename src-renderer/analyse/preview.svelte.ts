import type { Rectangle } from '../../src-shared/image.ts';
import type { AppState } from '../app.svelte.ts';
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

/** The shown photo. A new one replaces it only when it can be drawn, so that nothing flickers. */
export class PhotoLoader {
  #photo = $state.raw<Photo | null>(null);
  readonly #app: AppState;

  constructor(app: AppState) {
    this.#app = app;
  }

  get photo(): Photo | null {
    return this.#photo;
  }

  /** Follows what `wanted` gives, for as long as the component that calls it lives. */
  follow(
    wanted: () => { readonly imageId: string; readonly modelId: string } | null,
    fileSize: () => Size | null,
  ): void {
    $effect(() => {
      const ids = wanted();
      const size = fileSize();
      const model = this.#app.model;
      if (!ids || !size || model?.id !== ids.modelId) return;
      const abort = new AbortController();
      const inputSize = { width: model.inputSize[0], height: model.inputSize[1] };
      this.#load(ids.imageId, ids.modelId, size, inputSize, abort.signal).catch((thrown: unknown) =>
        this.#app.messages.error(thrown),
      );
      return () => abort.abort();
    });
  }

  async #load(imageId: string, modelId: string, file: Size, inputSize: Size, signal: AbortSignal): Promise<void> {
    const preview = await this.#app.client.call('images.preview', { imageId, modelId }, { signal });
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(preview.bytes)], { type: preview.mime }));
    if (signal.aborted) return;
    const { width, height } = bitmap;
    const [x, y] = [width / file.width, height / file.height];
    const { left, top, right, bottom } = preview.crop;
    const crop = { left: left * x, right: right * x, top: top * y, bottom: bottom * y };
    this.#photo = { imageId, bitmap, width, height, crop, inputSize };
  }
}
