import type { FileReference } from '../../src-shared/contract/files.ts';
import type { FolderLabels } from '../../src-shared/contract/images.ts';
import type { ModelDetails } from '../../src-shared/contract/models.ts';
import { toErrorRecord } from '../../src-shared/errors.ts';
import type { Client } from '../link/client.ts';
import { sentence } from '../shell/messages.svelte.ts';

/** The true classes of images, where the folder that they were dropped with tells them. */
export class TrueClasses {
  #folder = $state.raw<FileReference | null>(null);
  #read = $state.raw<FolderLabels | null>(null);
  #problem = $state('');
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** What was read, in words: `Labels: labels.csv, 250 of 250 images`. Empty where nothing tells. */
  readonly said: string = $derived.by(() => {
    if (this.#problem) return this.#problem;
    if (!this.#read?.source) return '';
    const { source, classes, images, remarks } = this.#read;
    return [`Labels: ${source}, ${Object.keys(classes).length} of ${images} images.`, ...remarks].join(' ');
  });

  of(imageId: string): number | null {
    return this.#read?.classes[imageId] ?? null;
  }

  /** Images of this folder are being opened. */
  opens(folder: FileReference | null): void {
    this.#folder = folder;
    this.#read = null;
    this.#problem = '';
  }

  /** Reads the labels of the folder that was opened last for the model in use. */
  follow(model: () => ModelDetails | null, opened: () => number): void {
    $effect(() => {
      const [folder, modelId] = [this.#folder, model()?.id];
      if (!folder || modelId === undefined || opened() < 2) return;
      const abort = new AbortController();
      this.#client
        .call('images.labels', { modelId, folder }, { signal: abort.signal })
        .then((read) => {
          this.#read = read;
          this.#problem = '';
        })
        .catch((thrown: unknown) => {
          const { code, message } = toErrorRecord(thrown);
          // A single image, or a folder that has gone, has no labels to speak of.
          if (!abort.signal.aborted && code === 'labels-unreadable')
            this.#problem = `Labels are not used. ${sentence(message)}`;
        });
      return () => abort.abort();
    });
  }
}
