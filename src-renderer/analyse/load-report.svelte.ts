import type { InputOf } from '../../src-shared/contract/contract.ts';
import type { FileReference } from '../../src-shared/contract/files.ts';
import type { LoadReport, ModelDetails, PreprocessedImage } from '../../src-shared/contract/models.ts';
import { type ErrorRecord, toErrorRecord } from '../../src-shared/errors.ts';
import {
  channelCount,
  PREPROCESSING_PRESETS,
  type PreprocessingPreset,
  presetPreprocessing,
} from '../../src-shared/preprocessing.ts';
import type { AppState } from '../app.svelte.ts';
import { Latest } from '../link/latest.svelte.ts';
import { PresetCheckState } from '../preset-check.svelte.ts';

interface PreviewQuestion {
  readonly modelId: string;
  readonly imageId: string;
  readonly input: LoadReport['input'];
  readonly outputKind: LoadReport['outputKind'];
}

export const PRESETS = Object.keys(PREPROCESSING_PRESETS) as readonly PreprocessingPreset[];

/** Of what is no folder, when its path is all that is known of it. */
const FILE_ENDING = /\.(onnx|jpe?g|png|webp|tiff?|gif|avif|txt|csv|json)$/i;

/** What was found of the model in use, told when it was dropped, and for as long as something of it is assumed. */
export class LoadReportState {
  readonly #app: AppState;
  #loaded = $state.raw<{ readonly model: ModelDetails; readonly report: LoadReport } | null>(null);
  /** Ids of models whose report is to be shown, and of those that the user has seen enough of. */
  #asked = $state.raw<readonly string[]>([]);
  #closed = $state.raw<readonly string[]>([]);
  preset = $state<PreprocessingPreset>('imagenet');
  failure = $state.raw<ErrorRecord | null>(null);
  /** The presets are to be checked: a folder that is dropped or chosen is one of labelled photos. */
  checking = $state(false);
  readonly presets: PresetCheckState;
  readonly #preview: Latest<PreviewQuestion, PreprocessedImage>;

  constructor(app: AppState) {
    this.#app = app;
    this.presets = new PresetCheckState(app.client, () => app.models.current?.id ?? null);
    this.#preview = new Latest<PreviewQuestion, PreprocessedImage>({
      ask: (question, signal) => app.client.call('models.preview', question, { signal }),
      related: (earlier, later) => earlier.modelId === later.modelId,
      onError: (thrown) => (this.failure = toErrorRecord(thrown)),
    });
  }

  /** Null while there is nothing to tell. */
  readonly shown = $derived.by(() => {
    const loaded = this.#loaded;
    const { current } = this.#app.models;
    if (!loaded || !current || loaded.model.id !== current.id || this.#closed.includes(current.id)) return null;
    return this.#asked.includes(current.id) || !loaded.report.hasCard
      ? { model: current, report: loaded.report }
      : null;
  });

  /** How images are prepared with the preset that is chosen. */
  readonly input: LoadReport['input'] | null = $derived.by(() => {
    const report = this.#loaded?.report;
    if (!report) return null;
    const { layout, height, width } = report.input;
    const own = presetPreprocessing(this.preset, { layout, height, width, channelCount: channelCount(report.input) });
    const [low, high] = own.range;
    return { ...report.input, ...own, range: [low, high], mean: [...own.mean], std: [...own.std] };
  });

  /** The image that is shown as the network would see it, and its answer. */
  get preview(): PreprocessedImage | null {
    return this.#preview.answer;
  }

  /** A model was dropped. */
  tells(modelId: string): void {
    this.#asked = [...this.#asked, modelId];
    this.#closed = this.#closed.filter((id) => id !== modelId);
  }

  /** @returns whether the folder is taken for a check */
  takes(folder: FileReference | null): boolean {
    if (!this.checking || !folder || !this.shown || this.shown.report.hasCard) return false;
    if (FILE_ENDING.test('path' in folder ? folder.path : folder.upload)) return false;
    void this.presets.check(folder);
    return true;
  }

  close(): void {
    const id = this.shown?.model.id;
    if (id !== undefined) this.#closed = [...this.#closed, id];
  }

  /** Follows the model in use and the image for as long as the component that calls it lives. */
  follow(imageId: () => string | null): void {
    $effect(() => {
      const model = this.#app.models.current;
      if (model && !model.embedded) void this.#load(model);
    });
    $effect(() => {
      const [shown, image, input] = [this.shown, imageId(), this.input];
      if (!shown || shown.report.hasCard || image === null || !input) return;
      this.failure = null;
      this.#preview.ask({ modelId: shown.model.id, imageId: image, input, outputKind: shown.report.outputKind });
    });
  }

  /** Writes what was assumed, or chosen instead, into a card: from then on it is no assumption. */
  async confirm(): Promise<void> {
    const { shown, input } = this;
    if (shown && input) await this.#save(shown, input);
  }

  /** The same with the preset that was checked and chosen, and how many it got right. */
  async usePreset(): Promise<void> {
    const { shown } = this;
    const { score, found } = this.presets;
    if (!shown || !score || !found) return;
    const { layout, height, width } = shown.report.input;
    const { range, mean, std, ...own } = score.preprocessing;
    const input = { ...shown.report.input, ...own, layout, height, width };
    const pixels = { range: [range[0], range[1]] as [number, number], mean: [...mean], std: [...std] };
    const { top1, top5 } = score;
    const accuracy = { dataset: found.dataset, images: found.images, top1, top5 };
    await this.#save(shown, { ...input, ...pixels }, { accuracy });
  }

  async #save(
    shown: NonNullable<LoadReportState['shown']>,
    input: LoadReport['input'],
    measured: Pick<InputOf<'models.saveCard'>, 'accuracy'> = {},
  ): Promise<void> {
    const order = {
      modelId: shown.model.id,
      input,
      outputKind: shown.report.outputKind,
      licence: shown.report.licence,
      ...measured,
    };
    const saved = await this.#app.run('exporting', (options) =>
      this.#app.client.call('models.saveCard', order, options).then(() => true),
    );
    if (!saved) return;
    this.#app.messages.done('The card is written: images are prepared so from now on.');
    await this.#load(shown.model);
  }

  async #load(model: ModelDetails): Promise<void> {
    // It may be no more in use by the time that its card is written.
    if (this.#app.models.current?.id !== model.id) return;
    try {
      const report = await this.#app.client.read('models.report', { modelId: model.id }, { slot: 'load-report' });
      if (this.#loaded?.model.id !== model.id) {
        this.#preview.clear();
        this.presets.forget();
        this.checking = false;
        this.preset = report.preset ?? this.preset;
      }
      this.#loaded = { model, report };
    } catch (thrown) {
      if (toErrorRecord(thrown).code === 'cancelled') return;
      this.#loaded = null;
      // It was opened: nothing else tells why it cannot be looked into.
      if (this.#app.models.current?.id === model.id) this.#app.messages.error(thrown);
    }
  }
}
