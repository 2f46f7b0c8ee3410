import { inPoints, points } from '../figure-text.ts';
import type { Accelerator } from '../energy/accelerators/parameters.ts';
import { MODE_NAMES } from '../energy/energy-mode.ts';
import { type ComparedEnergy, headlineEnergy, type SavedDifference } from './compared-energy.ts';
import { SIGNIFICANT_BELOW } from './paired-statistics.ts';
import { type JudgedBy, type PairedDifference, type RunComparison, sideLetter } from './run-comparison.ts';

/** A share as points of a hundred, without its sign. */
function pointsText(share: number): string {
  const text = points(Math.abs(share));
  return `${text} ${text === '1.0' ? 'point' : 'points'}`;
}

/** Whether a difference of savings is more than chance: its interval leaves 0 out. Without an interval nobody knows. */
export function isClear({ difference, interval }: SavedDifference): boolean {
  return interval !== null && difference !== 0 && interval[0] * interval[1] > 0;
}

/** One sentence for each run that is held against the first, see {@link comparisonHeadline}. */
export function comparisonHeadlines(
  { paired, judgedBy }: RunComparison,
  energy: readonly ComparedEnergy[],
  accelerators: readonly Accelerator[],
): string[] {
  const spoken = headlineEnergy(energy) ?? headlineEnergy(energy, energy[0]?.accelerator);
  const name = accelerators.find(({ id }) => id === spoken?.accelerator)?.name ?? spoken?.accelerator ?? '';
  return paired.map((pair, index) => comparisonHeadline(index + 1, pair, judgedBy, name, spoken));
}

/**
 * What another run is to the first, in one sentence: `B saves 0.9 points more compute energy than A, on Stripes (lock-step);
 * accuracy does not differ beyond chance`.
 * @param other index of the side, from 1
 * @param accelerator name of the one that is spoken of
 * @param energy of it; null where it cannot be priced
 */
export function comparisonHeadline(
  other: number,
  paired: PairedDifference,
  judgedBy: JudgedBy,
  accelerator: string,
  energy: ComparedEnergy | null,
): string {
  const [a, b] = [sideLetter(0), sideLetter(other)];
  const saved = energy?.computeDifferences[other - 1];
  const accuracy = judgedBy === 'labels' ? 'accuracy' : 'agreement with the plain network';
  const { difference, familyPValue } = paired.top1;
  const answers =
    familyPValue >= SIGNIFICANT_BELOW || inPoints(difference) === 0
      ? `${accuracy} does not differ beyond chance`
      : `its ${accuracy} is ${pointsText(difference)} ${difference > 0 ? 'higher' : 'lower'}`;
  if (!saved || !energy) return `${b} against ${a}: ${answers}`;
  const machine = `${accelerator} (${MODE_NAMES[energy.mode]})`;
  const even = inPoints(saved.difference) === 0;
  const costs =
    even || (saved.interval !== null && !isClear(saved))
      ? `${b} saves as much compute energy as ${a}${even ? '' : ' within chance'}, on ${machine}`
      : `${b} saves ${pointsText(saved.difference)} ${saved.difference > 0 ? 'more' : 'less'} compute energy than ${a}, on ${machine}${saved.interval === null ? ', as far as so few images tell' : ''}`;
  return `${costs}; ${answers}`;
}
