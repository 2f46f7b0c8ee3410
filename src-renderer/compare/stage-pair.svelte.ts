import type { Analysis } from '../../src-shared/analysis.ts';
import type { RunImage } from '../../src-shared/contract/comparison.ts';
import type { ModelDetails } from '../../src-shared/contract/models.ts';
import { type ErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import { optionsOfPlan } from '../../src-shared/precision/precision-plan.ts';
import type { ComparedSide } from '../../src-shared/runs/run-comparison.ts';
import type { AppState } from '../app.svelte.ts';
import { Camera } from '../picture/camera.svelte.ts';
import type { Cell, Look } from '../picture/cell-map.ts';
import { PhotoLoader } from '../picture/photo-loader.svelte.ts';
import { differenceMap } from './difference-map.ts';

interface Staged {
  readonly app: AppState;
  readonly other: number;
  readonly image: number | null;
  readonly comparison: { readonly sides: readonly ComparedSide[] } | null;
  readonly images: { readonly sides: readonly { readonly indexes: Uint32Array }[] } | null;
}

/** The shown image under the baseline's plan and under the other's: two stages, one camera and one cell cursor. */
export class StagePair {
  readonly camera = new Camera();
  readonly photos: PhotoLoader;
  readonly look: Look = { overlay: 'bits', layer: null };
  cell = $state.raw<Cell | null>(null);
  maps = $state(true);
  #found = $state.raw<RunImage | null>(null);
  #model = $state.raw<ModelDetails | null>(null);
  #analyses = $state.raw<readonly (Analysis | null)[]>([null, null]);
  failure = $state.raw<ErrorRecord | null>(null);
  readonly #staged: Staged;

  readonly difference = $derived(
    this.#analyses[0] && this.#analyses[1] ? differenceMap(this.#analyses[0], this.#analyses[1]) : null,
  );

  constructor(staged: Staged) {
    this.#staged = staged;
    this.photos = new PhotoLoader(staged.app);
  }

  get found(): RunImage | null {
    return this.#found;
  }

  get analyses(): readonly (Analysis | null)[] {
    return this.#analyses;
  }

  /** Follows the image that is shown, for as long as the component that calls it lives. */
  follow(): void {
    this.photos.follow(
      () => (this.#found?.kind === 'original' ? this.#found.image : null),
      () => this.#model,
    );
    $effect(() => {
      const { comparison, images, image, other } = this.#staged;
      const pair = [comparison?.sides[0], comparison?.sides[other]];
      const index = image === null ? undefined : images?.sides[0]?.indexes[image];
      this.failure = null;
      if (!pair[0] || !pair[1] || index === undefined) return;
      const abort = new AbortController();
      this.#load([pair[0], pair[1]], index, abort.signal).catch((thrown: unknown) => {
        if (abort.signal.aborted) return;
        this.failure = toErrorRecord(thrown);
        this.#found = null;
        this.#analyses = [null, null];
      });
      return () => abort.abort();
    });
  }

  async #load(pair: readonly ComparedSide[], index: number, signal: AbortSignal): Promise<void> {
    const { app } = this.#staged;
    const { run } = pair[0]!;
    const found = await app.client.read('runs.image', { runId: run.id, image: index }, { signal });
    this.#analyses = [null, null];
    this.#found = found;
    if (found.kind === 'missing') this.failure = found.error;
    if (found.kind !== 'original') return;
    const modelId = app.models.list?.find(({ sha256 }) => sha256 === run.model.sha256)?.id ?? run.model.id;
    const current = app.models.current;
    this.#model = current?.id === modelId ? current : await app.client.read('models.open', { modelId }, { signal });
    const imageId = found.image.id;
    const analyses = pair.map(({ plan }) =>
      app.client.read('analysis.run', { imageId, modelId, plan: optionsOfPlan(plan), counts: false }, { signal }),
    );
    this.#analyses = await Promise.all(analyses);
  }
}
