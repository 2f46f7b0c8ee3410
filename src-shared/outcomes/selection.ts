import { BITS_STEP, marginOf, NO_CLASS, type OutcomeColumns } from './outcome-columns.ts';

/** What became of an image under a plan, against the plain network. */
const VERDICTS = ['all', 'changed', 'lost', 'gained', 'other', 'kept', 'wrong-before', 'failed'] as const;
export type Verdict = (typeof VERDICTS)[number];

export type Range = readonly [low: number, high: number];

/**
 * Some of the images of a run under one of its plans: what a mark, a row, a tile or a cell selects, and what is filtered, opened,
 * exported and copied as a command. Everything given must hold.
 */
export interface Selection {
  readonly verdict: Verdict;
  /** The label, or without labels the plain network's class. */
  readonly class: number | null;
  /** Of the margin under the plan, 0..1, both ends included. */
  readonly margin: Range | null;
  /** Of the share of MAC-weighted bits saved against 8, both ends included. */
  readonly saved: Range | null;
  /** Indexes of images; null: any. */
  readonly images: readonly number[] | null;
}

export const EVERYTHING: Selection = { verdict: 'all', class: null, margin: null, saved: null, images: null };

/** `changed;class=12;margin=0~0.4`: the text an address holds; everything is the empty text. */
export function selectionText({ verdict, margin, saved, images, class: of }: Selection): string {
  return [
    ...(verdict === 'all' ? [] : [verdict]),
    ...(of === null ? [] : [`class=${of}`]),
    ...(margin ? [`margin=${margin.join('~')}`] : []),
    ...(saved ? [`saved=${saved.join('~')}`] : []),
    ...(images ? [`images=${images.join('.')}`] : []),
  ].join(';');
}

/** What cannot be understood is left out: an address may be typed. */
export function parseSelection(text: string): Selection {
  const parts = new Map(text.split(';').map((part) => [part.split('=')[0]!, part.split('=')[1] ?? '']));
  const of = Number.parseInt(parts.get('class') ?? '', 10);
  const images = parts.get('images')?.split('.').map(Number);
  return {
    verdict: VERDICTS.find((verdict) => parts.has(verdict)) ?? 'all',
    class: Number.isInteger(of) && of >= 0 ? of : null,
    margin: rangeOf(parts.get('margin')),
    saved: rangeOf(parts.get('saved')),
    images: images?.every((image) => Number.isInteger(image) && image >= 0) ? images : null,
  };
}

function rangeOf(text = ''): Range | null {
  const [low = NaN, high = NaN, ...more] = text.split('~').map(Number);
  return text !== '' && more.length === 0 && low <= high ? [low, high] : null;
}

/** The class an image is sorted under: its label, else the plain network's answer; {@link NO_CLASS} where neither is known. */
export function classOf({ label, plain }: OutcomeColumns, image: number): number {
  return label[image] === NO_CLASS ? plain[image]! : label[image]!;
}

/** Share of MAC-weighted bits saved against uniform 8 bits. */
export function savedShare(columns: OutcomeColumns, plan: number, image: number): number {
  return 1 - (columns.plans[plan]!.bits[image]! * BITS_STEP) / 8;
}

/** Whether an image has its result under a plan. */
export function isMeasured(columns: OutcomeColumns, plan: number, image: number): boolean {
  return columns.plans[plan]!.answer[image] !== NO_CLASS && columns.plain[image] !== NO_CLASS;
}

/** `other`: changed, but neither gained nor lost: both answers are wrong, or there is no label. */
export function verdictOf(
  columns: OutcomeColumns,
  plan: number,
  image: number,
): 'lost' | 'gained' | 'other' | 'kept' | 'failed' | 'pending' {
  if (columns.failed[image] === 1) return 'failed';
  if (!isMeasured(columns, plan, image)) return 'pending';
  const [answer, plain, label] = [columns.plans[plan]!.answer[image]!, columns.plain[image]!, columns.label[image]!];
  if (answer === plain) return 'kept';
  if (plain === label) return 'lost';
  return answer === label ? 'gained' : 'other';
}

/** Indexes of the selected images, ascending. */
export function selectedImages(columns: OutcomeColumns, plan: number, selection: Selection): Uint32Array {
  const { class: of, margin, saved, images } = selection;
  const named = images && new Set(images);
  const found = new Uint32Array(columns.images);
  let count = 0;
  for (let image = 0; image < found.length; image++) {
    if (!hasVerdict(columns, plan, image, selection.verdict)) continue;
    if (of !== null && classOf(columns, image) !== of) continue;
    if ((margin || saved) && !isMeasured(columns, plan, image)) continue;
    if (margin && !isWithin(marginOf(columns, plan, image), margin)) continue;
    if (saved && !isWithin(savedShare(columns, plan, image), saved)) continue;
    if (named && !named.has(image)) continue;
    found[count++] = image;
  }
  return found.slice(0, count);
}

/** Ends are typed in decimals: what lies on one is within. */
function isWithin(value: number, [low, high]: Range): boolean {
  return value >= low - 1e-9 && value <= high + 1e-9;
}

export function hasVerdict(columns: OutcomeColumns, plan: number, image: number, verdict: Verdict): boolean {
  if (verdict === 'all') return columns.failed[image] === 1 || isMeasured(columns, plan, image);
  const is = verdictOf(columns, plan, image);
  switch (verdict) {
    case 'changed':
      return is === 'lost' || is === 'gained' || is === 'other';
    case 'wrong-before':
      return (
        is !== 'pending' &&
        is !== 'failed' &&
        columns.label[image] !== NO_CLASS &&
        columns.label[image] !== columns.plain[image]
      );
    default:
      return is === verdict;
  }
}

export const SORT_KEYS = ['path', 'margin', 'saved', 'class'] as const;
export type SortKey = (typeof SORT_KEYS)[number];

/**
 * By a key, the smallest first; images that are equal in it in the order of their paths.
 * @param images ascending
 */
export function sortedImages(columns: OutcomeColumns, plan: number, images: Uint32Array, by: SortKey): Uint32Array {
  if (by === 'path') return images;
  // Keys are few and whole: counted, each image is put in its place at once.
  const keys = Uint32Array.from(images, (image) => sortKeyOf(columns, plan, image, by));
  const places = new Uint32Array(LAST + 2);
  for (const key of keys) places[key + 1]! += 1;
  for (let key = 1; key < places.length; key++) places[key]! += places[key - 1]!;
  const sorted = new Uint32Array(images.length);
  keys.forEach((key, index) => (sorted[places[key]!++] = images[index]!));
  return sorted;
}

/** Behind every key of a column. */
const LAST = 2 ** 16;

function sortKeyOf(columns: OutcomeColumns, plan: number, image: number, by: Exclude<SortKey, 'path'>): number {
  if (by === 'class') return classOf(columns, image);
  // What has no result comes last.
  if (!isMeasured(columns, plan, image)) return LAST;
  const { margin, bits } = columns.plans[plan]!;
  return by === 'margin' ? margin[image]! : LAST - 1 - bits[image]!;
}
