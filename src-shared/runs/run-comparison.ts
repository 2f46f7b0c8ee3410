import type { PrecisionPlan } from '../precision/precision-plan.ts';
import { canonicalJson, type ImageResult, type RunRecord } from './run-record.ts';
import { bootstrapMeanInterval, type Interval, mcnemarExact, wilsonInterval } from './statistics.ts';

/** One plan of one run: what is put beside another. */
export interface ComparedRun {
  readonly run: RunRecord;
  /** Index of the plan in its run. */
  readonly planIndex: number;
  readonly plan: PrecisionPlan;
  readonly results: readonly ImageResult[];
}

export interface SettingDifference {
  /** `plan.bits`, `model.sha256`, ... */
  readonly setting: string;
  /** One JSON value a compared run. */
  readonly values: readonly unknown[];
}

export interface ComparedAccuracy {
  readonly top1: number;
  readonly top5: number;
  readonly top1Interval: Interval;
  readonly top5Interval: Interval;
  readonly macWeightedBits: number;
  readonly macWeightedLockstepBits: number;
}

/** How another run differs from the first over the same images. */
export interface PairedDifference {
  /** Images only the first, or only the other, gets right at Top-1. */
  readonly top1OnlyFirst: number;
  readonly top1OnlyOther: number;
  /** McNemar's exact test, two-sided. */
  readonly top1PValue: number;
  readonly top5OnlyFirst: number;
  readonly top5OnlyOther: number;
  readonly top5PValue: number;
  /** MAC-weighted bits in lock-step, the other's less those of the first: mean over the images, its 95 % bootstrap interval. */
  readonly bitsDifference: number;
  readonly bitsInterval: Interval;
}

export interface Disagreement {
  readonly path: string;
  readonly sha256: string;
  readonly label: number | null;
  /** First class of each compared run. */
  readonly classes: readonly number[];
}

export interface RunComparison {
  readonly differences: readonly SettingDifference[];
  /** Images that all compared runs have, by digest. */
  readonly images: number;
  /** What counts as right: the label, or without labels the plain network's first class. */
  readonly judgedBy: 'labels' | 'agreement';
  /** Images that could be judged. */
  readonly judged: number;
  /** One a compared run, over the judged images; null where there are none. */
  readonly accuracies: readonly ComparedAccuracy[] | null;
  /** Each of the others against the first; empty where no image could be judged. */
  readonly paired: readonly PairedDifference[];
  /** Common images on whose first class they disagree. */
  readonly disagreements: readonly Disagreement[];
}

/**
 * Puts runs side by side over the images they share.
 * @param compared at least one; the others are held against the first
 * @param seed of the bootstrap
 */
export function compareRuns(compared: readonly ComparedRun[], seed: number): RunComparison {
  const common = commonImages(compared);
  const sameLabel = common.filter((row) => row[0]!.label !== null && row.every(({ label }) => label === row[0]!.label));
  const judgedBy = sameLabel.length > 0 ? 'labels' : 'agreement';
  const judged = sameLabel.length > 0 ? sameLabel : common;
  const verdicts = compared.map((_, index) => judged.map((row) => verdict(row[index]!, judgedBy)));
  return {
    differences: settingDifferences(compared),
    images: common.length,
    judgedBy,
    judged: judged.length,
    accuracies: judged.length === 0 ? null : verdicts.map(accuracy),
    paired: judged.length === 0 ? [] : verdicts.slice(1).map((other) => pairedDifference(verdicts[0]!, other, seed)),
    disagreements: common.filter(disagree).map((row) => ({
      path: row[0]!.path,
      sha256: row[0]!.sha256,
      label: row[0]!.label,
      classes: row.map((result) => result.quantised.classes[0] ?? -1),
    })),
  };
}

/** Settings that are not the same in all compared runs. */
export function settingDifferences(compared: readonly ComparedRun[]): SettingDifference[] {
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
  return [...settings[0]!.keys()]
    .map((setting) => ({ setting, values: settings.map((values) => values.get(setting)) }))
    .filter(({ values }) => new Set(values.map(canonicalJson)).size > 1);
}

/** Rows of one result a run; a photo that a folder holds several times is paired as often as all runs have it. */
function commonImages(compared: readonly ComparedRun[]): (readonly ImageResult[])[] {
  const [first, ...others] = compared.map(({ results }) => byOccurrence(results));
  return [...first!]
    .map(([key, result]) => [result, ...others.map((other) => other.get(key))])
    .filter((row): row is ImageResult[] => !row.includes(undefined));
}

function byOccurrence(results: readonly ImageResult[]): Map<string, ImageResult> {
  const seen = new Map<string, number>();
  return new Map(
    results.map((result) => {
      const occurrence = seen.get(result.sha256) ?? 0;
      seen.set(result.sha256, occurrence + 1);
      return [`${result.sha256} ${occurrence}`, result];
    }),
  );
}

interface Verdict {
  readonly top1: boolean;
  readonly top5: boolean;
  readonly bits: number;
  readonly lockstepBits: number;
}

function verdict(result: ImageResult, judgedBy: RunComparison['judgedBy']): Verdict {
  const right = judgedBy === 'labels' ? result.label : result.baseline.classes[0];
  const { classes } = result.quantised;
  return {
    top1: classes[0] === right,
    top5: classes.some((answer) => answer === right),
    bits: result.macWeightedBits,
    lockstepBits: result.macWeightedLockstepBits,
  };
}

function accuracy(verdicts: readonly Verdict[]): ComparedAccuracy {
  const images = verdicts.length;
  const top1 = verdicts.filter((image) => image.top1).length;
  const top5 = verdicts.filter((image) => image.top5).length;
  return {
    top1: top1 / images,
    top5: top5 / images,
    top1Interval: wilsonInterval(top1, images)!,
    top5Interval: wilsonInterval(top5, images)!,
    macWeightedBits: mean(verdicts.map(({ bits }) => bits)),
    macWeightedLockstepBits: mean(verdicts.map(({ lockstepBits }) => lockstepBits)),
  };
}

function pairedDifference(first: readonly Verdict[], other: readonly Verdict[], seed: number): PairedDifference {
  const only = (keeps: 'top1' | 'top5', a: readonly Verdict[], b: readonly Verdict[]) =>
    a.filter((image, index) => image[keeps] && !b[index]![keeps]).length;
  const top1OnlyFirst = only('top1', first, other);
  const top1OnlyOther = only('top1', other, first);
  const top5OnlyFirst = only('top5', first, other);
  const top5OnlyOther = only('top5', other, first);
  const bits = other.map((image, index) => image.lockstepBits - first[index]!.lockstepBits);
  return {
    top1OnlyFirst,
    top1OnlyOther,
    top1PValue: mcnemarExact(top1OnlyFirst, top1OnlyOther),
    top5OnlyFirst,
    top5OnlyOther,
    top5PValue: mcnemarExact(top5OnlyFirst, top5OnlyOther),
    bitsDifference: mean(bits),
    bitsInterval: bootstrapMeanInterval(bits, { seed })!,
  };
}

function disagree(row: readonly ImageResult[]): boolean {
  return row.some((result) => result.quantised.classes[0] !== row[0]!.quantised.classes[0]);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
