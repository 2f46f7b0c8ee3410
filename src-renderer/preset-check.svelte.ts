import type { FileReference } from '../src-shared/contract/files.ts';
import type { CheckedPreset, PresetCheck } from '../src-shared/contract/models.ts';
import { type ErrorRecord, toErrorRecord } from '../src-shared/errors.ts';
import { figuresOf, type WorkFigures } from '../src-shared/work.ts';
import type { Client } from './link/client.ts';

/** Which preprocessing scores best on labelled photos, found out for the model in use. */
export class PresetCheckState {
  readonly #client: Client;
  readonly #modelId: () => string | null;
  #stop: AbortController | null = null;
  folder = $state.raw<FileReference | null>(null);
  found = $state.raw<PresetCheck | null>(null);
  /** While it goes on. */
  figures = $state.raw<WorkFigures | null>(null);
  failure = $state.raw<ErrorRecord | null>(null);
  /** Index of the preset that is chosen of those that were checked. */
  chosen = $state(0);

  constructor(client: Client, modelId: () => string | null) {
    this.#client = client;
    this.#modelId = modelId;
  }

  /** The preset that is chosen; null before a check. */
  get score(): CheckedPreset | null {
    return this.found?.scores[this.chosen] ?? null;
  }

  async check(folder: FileReference): Promise<void> {
    const modelId = this.#modelId();
    if (modelId === null || this.#stop) return;
    const stop = (this.#stop = new AbortController());
    this.folder = folder;
    this.failure = null;
    this.figures = figuresOf('comparing');
    try {
      const found = await this.#client.call(
        'models.checkPresets',
        { modelId, folder, labels: null },
        { signal: stop.signal, onProgress: (figures) => (this.figures = figures) },
      );
      if (this.#modelId() !== modelId) return;
      this.found = found;
      this.chosen = found.best;
    } catch (thrown) {
      const failure = toErrorRecord(thrown);
      if (failure.code !== 'cancelled' && this.#modelId() === modelId) this.failure = failure;
    } finally {
      if (this.#stop === stop) this.#ended();
    }
  }

  #ended(): void {
    this.#stop = null;
    this.figures = null;
  }

  again(): void {
    if (this.folder) void this.check(this.folder);
  }

  stop(): void {
    this.#stop?.abort();
  }

  /** Another model is in use: what was found out, or is being found out, is not of it. */
  forget(): void {
    this.stop();
    this.#ended();
    this.found = null;
    this.failure = null;
  }
}
