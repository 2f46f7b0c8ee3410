import type { InputOf } from '../../src-shared/contract/contract.ts';
import type { CheckedPreset, LoadReport } from '../../src-shared/contract/models.ts';
import type { OutputKind } from '../../src-shared/model-card.ts';
import {
  channelCount,
  COLOUR_READINGS,
  DECODINGS,
  type Preprocessing,
  RESIZE_METHODS,
} from '../../src-shared/preprocessing.ts';

type CardInput = LoadReport['input'];
type Card = Pick<LoadReport, 'input' | 'outputKind' | 'licence'>;

/** What there is to choose of the way from a photo's file to pixels. */
export const PIXEL_CHOICES = { resize: RESIZE_METHODS, colours: COLOUR_READINGS, decoding: DECODINGS } as const;

/** The card as it is being changed; what is typed and is no card yet is kept as it is. */
export class CardForm {
  #report = $state.raw<LoadReport | null>(null);
  input = $state.raw<CardInput | null>(null);
  outputKind = $state<OutputKind>('logits');
  licence = $state('');
  /** Texts of the fields that hold numbers, while they cannot be read as such. */
  wrong = $state.raw<Readonly<Record<string, string>>>({});

  /** Takes the card of another model, or of the same once it has changed. */
  take(report: LoadReport): void {
    this.#report = report;
    this.input = report.input;
    this.outputKind = report.outputKind;
    this.licence = report.licence ?? '';
    this.wrong = {};
  }

  /** What stands in the form now; null before a card was taken. */
  get card(): Card | null {
    const { input, outputKind, licence } = this;
    return input && { input, outputKind, licence: licence.trim() || null };
  }

  /** A card is written: what stands otherwise was changed since. */
  written(card: Card): void {
    if (this.#report) this.#report = { ...this.#report, ...card };
  }

  get sound(): boolean {
    return Object.keys(this.wrong).length === 0;
  }

  /** Whether anything stands otherwise than it was taken. */
  readonly changed = $derived.by(() => {
    const [report, card] = [this.#report, this.card];
    if (!report || !card) return false;
    return (
      JSON.stringify(card.input) !== JSON.stringify(report.input) ||
      card.outputKind !== report.outputKind ||
      card.licence !== (report.licence || null)
    );
  });

  /** Whether a field of the input stands otherwise than it was taken. */
  differs(field: keyof Preprocessing): boolean {
    return JSON.stringify(this.input?.[field]) !== JSON.stringify(this.#report?.input[field]);
  }

  set(change: Partial<Preprocessing>): void {
    if (this.input) this.input = { ...this.input, ...(change as Partial<CardInput>) };
  }

  /** Takes the numbers that a field says; anything else is marked as wrong and changes nothing. */
  type(field: 'range' | 'mean' | 'std', text: string): void {
    if (!this.input) return;
    const numbers = text
      .trim()
      .split(/[\s,;…]+/)
      .map(Number);
    const wanted = field === 'range' ? 2 : channelCount(this.input);
    const ok =
      numbers.length === wanted &&
      text.trim() !== '' &&
      numbers.every(Number.isFinite) &&
      (field !== 'std' || numbers.every((value) => value > 0)) &&
      (field !== 'range' || numbers[0]! < numbers[1]!);
    this.#mark(field, ok ? null : text);
    if (ok) this.set(field === 'range' ? { range: [numbers[0]!, numbers[1]!] } : { [field]: numbers });
  }

  /** @param side pixels of the shorter side; null squashes the image */
  resize(side: number | null): void {
    if (!this.input) return;
    const ok =
      side === null ||
      (Number.isInteger(side) && side >= Math.max(this.input.height, this.input.width) && side <= 4096);
    this.#mark('resizeShorterSide', ok ? null : String(side));
    if (ok) this.set({ resizeShorterSide: side });
  }

  /** Takes one of {@link PIXEL_CHOICES}. */
  choose(field: keyof typeof PIXEL_CHOICES, value: string): void {
    const choices: readonly string[] = PIXEL_CHOICES[field];
    if (choices.includes(value)) this.set({ [field]: value });
  }

  takePreset({ preprocessing }: CheckedPreset): void {
    if (!this.input) return;
    const { layout, height, width } = this.input;
    this.wrong = {};
    this.set({ ...preprocessing, layout, height, width });
  }

  undo(): void {
    if (this.#report) this.take(this.#report);
  }

  /** What is to be saved. */
  order(
    modelId: string,
    score: CheckedPreset | null,
    dataset: string,
    images: number,
  ): InputOf<'models.saveCard'> | null {
    const { card } = this;
    if (!card || !this.sound) return null;
    return {
      modelId,
      ...card,
      ...(score ? { accuracy: { dataset, images, top1: score.top1, top5: score.top5 } } : {}),
    };
  }

  /** @param text that is no value; null where there is one */
  #mark(field: string, text: string | null): void {
    const others = Object.entries(this.wrong).filter(([name]) => name !== field);
    this.wrong = Object.fromEntries(text === null ? others : [...others, [field, text]]);
  }
}
