import type { FileReference } from '../../src-shared/contract/files.ts';
import type { FolderLabels } from '../../src-shared/contract/images.ts';
import type { ModelDetails } from '../../src-shared/contract/models.ts';
import { toErrorRecord } from '../../src-shared/errors.ts';
import type { Client } from '../link/client.ts';
import { sentence } from '../shell/messages.svelte.ts';

interface Read {
  readonly modelId: string;
  readonly labels: FolderLabels | null;
  /** Why there are none, where that is to be told. */
  readonly problem: string;
}

/** The true classes of images, where the folder that they were dropped with tells them. */
export class TrueClasses {
  #folder = $state.raw<FileReference | null>(null);
  #read = $state.raw<Read | null>(null);
  readonly #client: Client;
  readonly #model: () => ModelDetails | null;

  /** What was read for the model in use: another has other classes. */
  readonly #own = $derived.by(() => (this.#read?.modelId === this.#model()?.id ? this.#read : null));

  constructor(client: Client, model: () => ModelDetails | null) {
    this.#client = client;
    this.#model = model;
  }

  /** What was read, in words: `Labels: labels.csv, 250 of 250 images`. Empty where nothing tells. */
  readonly said: string = $derived.by(() => {
    if (this.#own?.problem) return this.#own.problem;
    if (!this.#own?.labels?.source) return '';
    const { source, classes, images, remarks } = this.#own.labels;
    return [`Labels: ${source}, ${Object.keys(classes).length} of ${images} images.`, ...remarks].join(' ');
  });

  of(imageId: string): number | null {
    return this.#own?.labels?.classes[imageId] ?? null;
  }

  /** Images of this folder are being opened. */
  opens(folder: FileReference | null): void {
    this.#folder = folder;
    this.#read = null;
  }

  /** Reads the labels of the folder that was opened last for the model in use. */
  follow(opened: () => number): void {
    $effect(() => {
      const [folder, modelId] = [this.#folder, this.#model()?.id];
      if (!folder || modelId === undefined || opened() < 2) return;
      const abort = new AbortController();
      this.#client
        .call('images.labels', { modelId, folder }, { signal: abort.signal })
        .then((labels) => (this.#read = { modelId, labels, problem: '' }))
        .catch((thrown: unknown) => {
          const { code, message } = toErrorRecord(thrown);
          // A single image, or a folder that has gone, has no labels to speak of.
          if (!abort.signal.aborted && code === 'labels-unreadable')
            this.#read = { modelId, labels: null, problem: `Labels are not used. ${sentence(message)}` };
        });
      return () => abort.abort();
    });
  }
}
