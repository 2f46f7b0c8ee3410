import type { Analysis } from '../../src-shared/analysis.ts';
import { answerChange, answerWords, firstSynonym, isUnsure, probabilityText } from '../../src-shared/answer-change.ts';
import { type EnergyMode, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { percent, saving } from '../format.ts';
import type { EnergyRow } from './energy-rows.ts';

/** Saved shares below this show as nothing. */
const NOTHING = 0.0005;
/** Probabilities closer than this say the same. */
const SAME = 0.025;

/** `48.6 % less compute energy`; `the compute energy` where the two are the same. */
export function lessOrMore(saved: number): string {
  if (Math.abs(saved) < NOTHING) return 'the compute energy';
  return `${percent(Math.abs(saved), 1)} ${saved > 0 ? 'less' : 'more'} compute energy`;
}

/** The first words of the headline: `Same answer (airplane)`. */
export function answerHead(analysis: Analysis): {
  readonly kept: boolean;
  readonly words: string;
  readonly unsure: string;
} {
  const change = answerChange(analysis);
  const before = firstSynonym(change.before.label);
  return {
    kept: change.kept,
    words: change.kept ? `Same answer (${before})` : `Other answer (${answerWords(change)})`,
    unsure: isUnsure(change)
      ? `The network is not sure anyway: ${before} ${probabilityText(change.before.probability)}.`
      : '',
  };
}

/** The headline as one sentence, `Same answer (airplane) with 48.6 % less compute energy than plain 8 bits, on Stripes, lock-step; whole chip −8.0 %`. */
export function headlineText(analysis: Analysis, row: EnergyRow | undefined, mode: EnergyMode): string {
  const estimate = row?.[mode];
  const { words } = answerHead(analysis);
  if (!row || !estimate) return `${words}.`;
  const than = estimate.savedVs8bit === 0 ? 'of' : 'than';
  return `${words} with ${lessOrMore(estimate.savedVs8bit)} ${than} plain 8 bits, on ${row.label}, ${MODE_NAMES[mode]}; whole chip ${saving(estimate.totalSavedVs8bit)}.`;
}

export interface MapWorth {
  /** Of uniform bits at the plan's high width, and of the plan: shares of the compute energy at 8 bits. */
  readonly uniform: { readonly bits: number; readonly saved: number } | null;
  readonly saved: number;
  /** Of the plain network's answer: under the plan, and under uniform bits at equal energy; null where it is not known. */
  readonly probability: number | null;
  readonly uniformProbability: number | null;
}

/** What the map adds to uniform bits: `Uniform 4 bits alone: −48.3 %. The map adds 0.6 points; at equal energy it makes no difference.` */
export function mapWorth({ uniform, saved, probability, uniformProbability }: MapWorth): string {
  if (!uniform) return '';
  const points = (saved - uniform.saved) * 100;
  const alone = `Uniform ${uniform.bits} ${uniform.bits === 1 ? 'bit' : 'bits'} alone: ${percent(-uniform.saved, 1)}.`;
  const adds = `The map ${points < 0 ? 'takes away' : 'adds'} ${Math.abs(points).toFixed(1)} points`;
  if (uniformProbability === null) return `${alone} ${adds}.`;
  const difference = (probability ?? 0) - uniformProbability;
  const earns =
    Math.abs(difference) < SAME
      ? 'makes no difference'
      : `${difference > 0 ? 'earns' : 'costs'} ${probabilityText(Math.abs(difference))}`;
  const now = probability === null ? 'gone from the first five' : probabilityText(probability);
  return `${alone} ${adds}; at equal energy it ${earns} in the probability of the answer (${now}; uniform bits ${probabilityText(uniformProbability)}).`;
}
