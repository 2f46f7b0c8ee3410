import type { EnergyMode } from '../energy-mode.ts';
import type { LayerCounts } from '../../measurement.ts';

/** What decides how many serial steps an activation takes. */
export type StepRuleKind =
  'constant' | 'widths' | 'group-widths' | 'crossbar-widths' | 'one-bits' | 'words' | 'region-words';

export interface StepRule {
  readonly kind: StepRuleKind;
  /**
   * Widths a layer can be set to, ascending (`words`): its widest value decides. Or a position (`region-words`): its own width does, where
   * positions were counted by words, else the layer's widest.
   */
  readonly words: readonly number[];
  /** Bits that a step takes in. */
  readonly bitsPerStep: number;
}

export const ONE_STEP: StepRule = { kind: 'constant', words: [], bitsPerStep: 1 };

const COUNTS = {
  widths: { ideal: 'meanBits', compacted: 'compactedBits', lockstep: 'lockstepBits' },
  'group-widths': { ideal: 'groupBits', compacted: 'compactedPalletBits', lockstep: 'palletBits' },
  /** The weights of a crossbar's rows lie where they are: there is nothing to pack. */
  'crossbar-widths': { ideal: 'meanBits', compacted: 'crossbarBits', lockstep: 'crossbarBits' },
  'one-bits': { ideal: 'nonZeroBits', compacted: 'compactedNonZeroBits', lockstep: 'lockstepNonZeroBits' },
} as const satisfies Partial<Record<StepRuleKind, Record<EnergyMode, keyof LayerCounts>>>;

/** Mean serial steps of an activation; null when the counts it needs were not taken. */
export function activationSteps(
  { kind, words, bitsPerStep }: StepRule,
  layer: LayerCounts,
  mode: EnergyMode,
): number | null {
  if (kind === 'constant') return 1;
  if (kind === 'words') return wordOf(words, layer.maxBits) / bitsPerStep;
  if (kind === 'region-words') return regionWord(words, layer, mode) / bitsPerStep;
  const count = layer[COUNTS[kind][mode]];
  return count === null ? null : count / bitsPerStep;
}

/** Mean word of a position; in lock-step each pallet at its widest. Positions of 0 bits take a word as all do. */
export function regionWord(words: readonly number[], layer: LayerCounts, mode: EnergyMode): number {
  const counted = mode === 'ideal' ? layer.wordBits : layer.lockstepWordBits;
  return counted ?? wordOf(words, layer.maxBits);
}

/** Words that positions are counted by: those of DRQ's array, and twice the wider one. */
export const REGION_WORDS: readonly number[] = [4, 8, 16];

/** The narrowest of the words that holds so many bits; the widest, where none does. */
export function wordOf(words: readonly number[], bits: number): number {
  return words.find((word) => word >= bits) ?? words.at(-1)!;
}

/** Why {@link activationSteps} gave null. */
export function missingCount({ kind }: StepRule, mode: EnergyMode): string {
  if (kind === 'one-bits') return 'one-bits of the activations were not counted';
  if (kind === 'group-widths') return 'the widths that groups of activations need were not counted';
  return mode === 'compacted' ? 'packed windows were not counted' : 'bits were not counted';
}
