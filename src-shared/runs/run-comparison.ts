import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { holm, pairedOutcome, type PairedOutcome } from './paired-statistics.ts';
import { canonicalJson, type RunRecord } from './run-record.ts';
import { bootstrapMeanInterval, type Interval, wilsonInterval } from './statistics.ts';

/** Runs put side by side at most: more have no room, and no test that keeps its power. */
export const MAX_COMPARED = 10;

/** One image under one plan of a run, as much of it as a comparison needs. */
export interface ComparedAnswer {
  readonly path: string;
  /** Number of the image in the store: the same for the same content. */
  readonly image: number;
  /** Index among the images of its run, in the order of the bytes of their paths. */
  readonly index: number;
  readonly label: number | null;
  /** First class of the plain network, or null where it gave none. */
  readonly plainClass: number | null;
  /** At most five, most probable first. */
  readonly classes: readonly number[];
  /** Of the first class, 0..1, and how far it lies before the second. */
  readonly probability: number;
  readonly margin: number;
  readonly macWeightedBits: number;
}

/** One plan of one run: what is put beside another. */
export interface ComparedRun {
  readonly run: RunRecord;
  /** Index of the plan in its run. */
  readonly planIndex: number;
  readonly plan: PrecisionPlan;
  readonly results: readonly ComparedAnswer[];
}

export type ComparedSide = Omit<ComparedRun, 'results'>;

/** What a side is called: A is the baseline. */
export function sideLetter(index: number): string {
  return index < 26 ? String.fromCharCode(65 + index) : `${index + 1}`;
}

export interface Setting {
  /** `plan.bits`, `model.sha256`, ... */
  readonly setting: string;
  /** One JSON value a compared run. */
  readonly values: readonly unknown[];
  readonly differs: boolean;
}

export interface ComparedAccuracy {
  readonly top1: number;
  readonly top5: number;
  /** Share of the images whose first class is the plain network's. */
  readonly agreement: number;
  readonly top1Interval: Interval;
  readonly top5Interval: Interval;
  readonly macWeightedBits: number;
}

/** What is counted as right, image by image: the three things that are tested. */
export const KEPT = ['top1', 'top5', 'agreement'] as const;
export type Kept = (typeof KEPT)[number];

/** How another run differs from the first over the same images. */
export interface PairedDifference extends Readonly<Record<Kept, PairedOutcome>> {
  /** MAC-weighted bits of the other less those of the first: mean over the images and its 95 % bootstrap interval. */
  readonly bitsDifference: number;
  readonly bitsInterval: Interval;
}

/** A common image on whose first class the compared runs disagree. */
export interface Disagreement {
  readonly path: string;
  readonly image: number;
  readonly label: number | null;
  /** First class of each compared run. */
  readonly classes: readonly number[];
}

export interface RunComparison {
  /** All settings, those that differ and those that do not. */
  readonly settings: readonly Setting[];
  /** Images that all compared runs have, by content. */
  readonly images: number;
  /** What counts as right: the label, or without labels the plain network's first class. */
  readonly judgedBy: JudgedBy;
  /** Images that could be judged. */
  readonly judged: number;
  /** One a compared run, over the judged images; null where there are none. */
  readonly accuracies: readonly ComparedAccuracy[] | null;
  /** Each of the others against the first; empty where no image could be judged. */
  readonly paired: readonly PairedDifference[];
}

export type JudgedBy = 'labels' | 'agreement';

/** The images that all compared runs have. */
export interface PairedImages {
  /** One row an image, in it one result a run. */
  readonly rows: readonly (readonly ComparedAnswer[])[];
  readonly judgedBy: JudgedBy;
  /** The rows that can be judged: with labels those whose labels agree, without labels all. */
  readonly judged: readonly (readonly ComparedAnswer[])[];
}

/** Pairs images by content, wherever they lie and whatever they are called. */
export function pairImages(compared: readonly ComparedRun[]): PairedImages {
  const rows = commonImages(compared);
  const sameLabel = rows.filter((row) => row[0]!.label !== null && row.every(({ label }) => label === row[0]!.label));
  return sameLabel.length > 0
    ? { rows, judgedBy: 'labels', judged: sameLabel }
    : { rows, judgedBy: 'agreement', judged: rows };
}

/**
 * Puts runs side by side over the images they share.
 * @param compared at least one; the others are held against the first
 * @param seed of the bootstrap
 */
export function compareRuns(
  compared: readonly ComparedRun[],
  seed: number,
  { rows, judgedBy, judged } = pairImages(compared),
): RunComparison {
  const verdicts = compared.map((_, index) => judged.map((row) => verdict(row[index]!, judgedBy)));
  return {
    settings: comparedSettings(compared),
    images: rows.length,
    judgedBy,
    judged: judged.length,
    accuracies: judged.length === 0 ? null : verdicts.map(accuracy),
    paired: judged.length === 0 ? [] : pairedDifferences(verdicts, seed),
  };
}

export function disagreements({ rows }: PairedImages): Disagreement[] {
  return rows.filter(disagree).map((row) => ({
    path: row[0]!.path,
    image: row[0]!.image,
    label: row[0]!.label,
    classes: row.map(({ classes }) => classes[0] ?? -1),
  }));
}

/** The settings of all compared runs. */
export function comparedSettings(compared: readonly ComparedSide[]): Setting[] {
  const settings = compared.map(({ run, plan }) => {
    const { model, dataset, seed, detail, shard, version } = run;
    return new Map<string, unknown>([
      ['model.id', model.id],
      ['model.sha256', model.sha256],
      ['model.settings', model.settingsSha256],
      ['dataset.path', dataset.path],
      ['dataset.labels', dataset.labels],
      ...Object.entries({ seed, detail, shard, version }),
      ...Object.entries(plan).map(([field, value]) => [`plan.${field}`, value] as const),
    ]);
  });
  return [...settings[0]!.keys()].map((setting) => {
    const values = settings.map((own) => own.get(setting));
    return { setting, values, differs: new Set(values.map(canonicalJson)).size > 1 };
  });
}

/** Rows of one result a run; a photo that a folder holds several times is paired as often as all runs have it. */
function commonImages(compared: readonly ComparedRun[]): (readonly ComparedAnswer[])[] {
  const [first, ...others] = compared.map(({ results }) => byOccurrence(results));
  return [...first!]
    .map(([key, result]) => [result, ...others.map((other) => other.get(key))])
    .filter((row): row is ComparedAnswer[] => !row.includes(undefined));
}

/** By image and how often it came before: `7`, `7 again`, ... */
function byOccurrence(results: readonly ComparedAnswer[]): Map<number | string, ComparedAnswer> {
  const byKey = new Map<number | string, ComparedAnswer>();
  for (const result of results) {
    let key: number | string = result.image;
    while (byKey.has(key)) key = `${key} again`;
    byKey.set(key, result);
  }
  return byKey;
}

/** What one answer is counted as. */
export interface Verdict extends Readonly<Record<Kept, boolean>> {
  readonly bits: number;
}

export function verdict(answer: ComparedAnswer, judgedBy: JudgedBy): Verdict {
  const { classes, plainClass, label } = answer;
  const right = judgedBy === 'labels' ? label : plainClass;
  return {
    top1: classes[0] === right,
    top5: classes.some((one) => one === right),
    agreement: classes[0] === plainClass,
    bits: answer.macWeightedBits,
  };
}

function accuracy(verdicts: readonly Verdict[]): ComparedAccuracy {
  const images = verdicts.length;
  const top1 = verdicts.filter((image) => image.top1).length;
  const top5 = verdicts.filter((image) => image.top5).length;
  return {
    top1: top1 / images,
    top5: top5 / images,
    agreement: verdicts.filter((image) => image.agreement).length / images,
    top1Interval: wilsonInterval(top1, images)!,
    top5Interval: wilsonInterval(top5, images)!,
    macWeightedBits: mean(verdicts.map(({ bits }) => bits)),
  };
}

/** Each of the others against the first; tests of one kind make a family. */
function pairedDifferences([first, ...others]: readonly (readonly Verdict[])[], seed: number): PairedDifference[] {
  const outcomes = (kept: Kept) => {
    const own = others.map((other) => pairedOutcome(countPairs(kept, first!, other)));
    const family = holm(own.map(({ pValue }) => pValue));
    return own.map((outcome, index): PairedOutcome => ({ ...outcome, familyPValue: family[index]! }));
  };
  const [top1, top5, agreement] = [outcomes('top1'), outcomes('top5'), outcomes('agreement')];
  return others.map((other, index) => {
    const bits = Float64Array.from(other, (image, at) => image.bits - first![at]!.bits);
    return {
      top1: top1[index]!,
      top5: top5[index]!,
      agreement: agreement[index]!,
      bitsDifference: mean(bits),
      bitsInterval: bootstrapMeanInterval(bits, { seed, resamples: resamplesOf(bits.length) })!,
    };
  });
}

/** Somebody waits: half as many draws as a report takes. */
function resamplesOf(images: number): number {
  return Math.max(200, Math.min(2000, Math.floor(1e7 / images)));
}

function countPairs(kept: Kept, first: readonly Verdict[], other: readonly Verdict[]) {
  const counts = { bothRight: 0, onlyFirst: 0, onlyOther: 0, bothWrong: 0 };
  for (const [index, image] of first.entries()) {
    const right = other[index]![kept];
    if (image[kept]) counts[right ? 'bothRight' : 'onlyFirst']++;
    else counts[right ? 'onlyOther' : 'bothWrong']++;
  }
  return counts;
}

function disagree(row: readonly ComparedAnswer[]): boolean {
  return row.some(({ classes }) => classes[0] !== row[0]!.classes[0]);
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += values[index]!;
  return sum / values.length;
}
