import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { ofFamily, type PairedCounts, pairedOutcome, type PairedOutcome } from './paired-statistics.ts';
import { canonicalJson, type RunRecord } from './run-record.ts';
import { type Interval, wilsonInterval } from './statistics.ts';

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
  /** Wilson's, 95 %. */
  readonly top1Interval: Interval;
  readonly top5Interval: Interval;
}

/** What is counted as right, image by image: the three things that are tested. */
export const KEPT = ['top1', 'top5', 'agreement'] as const;
export type Kept = (typeof KEPT)[number];

/** How another run differs from the first over the same images. */
export type PairedDifference = Readonly<Record<Kept, PairedOutcome>>;

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
  /** Images of which the runs have different labels: by them nobody can judge. */
  readonly contradicting: number;
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
 */
export function compareRuns(
  compared: readonly ComparedRun[],
  { rows, judgedBy, judged } = pairImages(compared),
): RunComparison {
  const verdicts = compared.map((_, index) => verdictsOf(judged, index, judgedBy));
  return {
    settings: comparedSettings(compared),
    images: rows.length,
    judgedBy,
    judged: judged.length,
    contradicting: rows.filter(haveOtherLabels).length,
    accuracies: judged.length === 0 ? null : verdicts.map(accuracy),
    paired: judged.length === 0 ? [] : pairedDifferences(verdicts),
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

function haveOtherLabels(row: readonly ComparedAnswer[]): boolean {
  let known: number | null = null;
  for (const { label } of row) {
    if (label !== null && known !== null && label !== known) return true;
    known ??= label;
  }
  return false;
}

/** The settings of all compared runs. */
function comparedSettings(compared: readonly ComparedSide[]): Setting[] {
  const settings = compared.map(({ run, plan }) => {
    const { model, dataset, seed, detail, shard, version } = run;
    return new Map<string, unknown>([
      ['model.id', model.id],
      ['model.sha256', model.sha256],
      ['model.settings', model.settingsSha256],
      ['model.device', model.device],
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
  const rows: (readonly ComparedAnswer[])[] = [];
  for (const [key, result] of first!) {
    const row = [result];
    for (const other of others) {
      const own = other.get(key);
      if (own) row.push(own);
    }
    if (row.length === compared.length) rows.push(row);
  }
  return rows;
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

/** Whether the answers of one side are right: a byte an image, in it bit k by {@link KEPT} k. */
export function verdictsOf(rows: readonly (readonly ComparedAnswer[])[], side: number, judgedBy: JudgedBy): Uint8Array {
  const verdicts = new Uint8Array(rows.length);
  for (let index = 0; index < verdicts.length; index++) verdicts[index] = verdict(rows[index]![side]!, judgedBy);
  return verdicts;
}

function verdict({ classes, plainClass, label }: ComparedAnswer, judgedBy: JudgedBy): number {
  const right = judgedBy === 'labels' ? label : plainClass;
  const by: Readonly<Record<Kept, boolean>> = {
    top1: classes[0] === right,
    top5: classes.some((one) => one === right),
    agreement: classes[0] === plainClass,
  };
  return KEPT.reduce((set, kept) => set | (by[kept] ? bitOf(kept) : 0), 0);
}

/** The bit of a verdict that says whether the answer is right by what is kept. */
export function bitOf(kept: Kept): number {
  return 1 << KEPT.indexOf(kept);
}

function accuracy(verdicts: Uint8Array): ComparedAccuracy {
  const images = verdicts.length;
  const right = (kept: Kept) => {
    const bit = bitOf(kept);
    return verdicts.reduce((sum, verdict) => sum + ((verdict & bit) > 0 ? 1 : 0), 0);
  };
  const [top1, top5] = [right('top1'), right('top5')];
  return {
    top1: top1 / images,
    top5: top5 / images,
    agreement: right('agreement') / images,
    top1Interval: wilsonInterval(top1, images)!,
    top5Interval: wilsonInterval(top5, images)!,
  };
}

/** Each of the others against the first; tests of one kind make a family. */
function pairedDifferences([first, ...others]: readonly Uint8Array[]): PairedDifference[] {
  const outcomes = (kept: Kept) => {
    return ofFamily(others.map((other) => pairedOutcome(countPairs(kept, first!, other))));
  };
  const [top1, top5, agreement] = [outcomes('top1'), outcomes('top5'), outcomes('agreement')];
  return others.map((_, index) => ({ top1: top1[index]!, top5: top5[index]!, agreement: agreement[index]! }));
}

function countPairs(kept: Kept, first: Uint8Array, other: Uint8Array): PairedCounts {
  const bit = bitOf(kept);
  const counts = { bothRight: 0, onlyFirst: 0, onlyOther: 0, bothWrong: 0 };
  for (let index = 0; index < first.length; index++) counts[cellOf(first[index]!, other[index]!, bit)]++;
  return counts;
}

/** The cell of the 2 x 2 table that an image lies in, by its two verdicts. */
export function cellOf(first: number, other: number, bit: number): keyof PairedCounts {
  if ((first & bit) > 0) return (other & bit) > 0 ? 'bothRight' : 'onlyFirst';
  return (other & bit) > 0 ? 'onlyOther' : 'bothWrong';
}

function disagree(row: readonly ComparedAnswer[]): boolean {
  return row.some(({ classes }) => classes[0] !== row[0]!.classes[0]);
}
