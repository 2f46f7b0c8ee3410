import type { Accelerator } from '../energy/accelerators/parameters.ts';
import type { LayerCounts } from '../measurement.ts';
import type { ComparedBits } from './compared-bits.ts';
import type { ComparedEnergy } from './compared-energy.ts';
import { comparisonHeadlines } from './comparison-headline.ts';
import { type ComparedSide, type RunComparison, sideLetter } from './run-comparison.ts';

/** What a comparison found, as much of it as is told to people and programs. */
export interface ComparisonFigures {
  readonly sides: readonly ComparedSide[];
  readonly comparison: RunComparison;
  readonly bits: readonly ComparedBits[];
  readonly energy: readonly ComparedEnergy[];
  readonly layers: readonly (readonly LayerCounts[])[];
}

/** A common image on whose first class the compared runs differ. */
export interface DisagreeingImage {
  /** In the baseline's folder. */
  readonly path: string;
  /** Of the file; absent where the window writes the document. */
  readonly sha256?: string;
  readonly label: number | null;
  /** First class of each side. */
  readonly classes: readonly number[];
}

/**
 * The JSON document of `fovea runs compare --json` and of the window's export. Arrays over `sides` have one entry a side, those
 * named `paired` and `differences` one for each side after the first, in the same order: `paired[0]` is B held against A.
 * Shares and differences of shares are 0..1, energies picojoules, intervals 95 % as [low, high]. In `paired[i].top1` (and `top5`,
 * `agreement`) `onlyFirst` counts the images that A alone gets right, `onlyOther` those that the other side alone does.
 */
export function comparisonDocument(
  { sides, comparison, bits, energy, layers }: ComparisonFigures,
  disagreements: readonly DisagreeingImage[],
  accelerators: readonly Accelerator[],
) {
  const { settings, images, judgedBy, judged, contradicting, accuracies, paired } = comparison;
  return {
    headlines: comparisonHeadlines(comparison, energy, accelerators),
    sides: sides.map(({ run, planIndex, plan }, index) => ({
      side: sideLetter(index),
      run: run.id,
      name: run.name,
      status: run.status,
      plan: planIndex + 1,
      resolvedPlan: plan,
    })),
    images,
    judgedBy,
    judged,
    contradicting,
    accuracies,
    paired,
    bits,
    energy,
    layers,
    settings,
    differences: settings.filter(({ differs }) => differs),
    disagreements,
  };
}
