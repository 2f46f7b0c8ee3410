import type { Placement } from './dataflow.ts';
import type { EnergyMode } from './energy-mode.ts';

/** Low and high end, where constants of a machine are printed as ranges. */
export type Range = readonly [low: number, high: number];

export interface Energy {
  readonly computePicojoules: number;
  readonly totalPicojoules: number;
}

/** An energy, and what it is at every combination of the ends of ranged constants (none without any). */
export interface RangedEnergy extends Energy {
  readonly corners: readonly Energy[];
}

/** What the same layers cost otherwise; the saved shares come from here, so that estimates add. */
export interface EnergyReferences {
  /** Uniform 8 bits on the same machine, without metadata. */
  readonly uniform8: RangedEnergy;
  /** The 16-bit bit-parallel baseline; null for a machine whose power is that of the whole die, which does not compare. */
  readonly bitParallel16: Energy | null;
  /** Layer-wise bits found offline, on the same machine; null when there are none or they cannot be priced. */
  readonly staticProfile: Energy | null;
}

/** What one image (or the sum or mean of several) costs on one accelerator. Energies in picojoules. */
export interface EnergyEstimate extends RangedEnergy {
  /** The accelerator's id. */
  readonly accelerator: string;
  readonly mode: EnergyMode;
  readonly cycles: number;
  /** Cycles over the machine's clock: machines differ in what a cycle is. */
  readonly seconds: number;
  /** Share of the lanes' time that does useful work, 0..1. */
  readonly utilisation: number;
  /** Where the weights lie between two images, and on how many chips. */
  readonly weightsFrom: Placement['weightsFrom'];
  readonly chips: number;
  /** 1 - compute energy / compute energy at uniform 8 bits on the same machine. */
  readonly savedVs8bit: number;
  /** The same of the total energy. */
  readonly totalSavedVs8bit: number;
  /** 1 - compute energy / compute energy of the 16-bit bit-parallel baseline; null where the two do not compare. */
  readonly savedVs16bitParallel: number | null;
  readonly totalSavedVs16bitParallel: number | null;
  /** 1 - compute energy / compute energy of the static profile; null without one. */
  readonly savedVsStatic: number | null;
  readonly totalSavedVsStatic: number | null;
  /** What the ranges of the machine's constants make of the figures; null where all are points. */
  readonly intervals: Readonly<Record<Ranged, Range>> | null;
  /** Picojoules by component; they sum to `totalPicojoules`. */
  readonly components: Readonly<Record<string, number>>;
  readonly references: EnergyReferences;
}

export type Ranged = 'computePicojoules' | 'totalPicojoules' | 'savedVs8bit' | 'totalSavedVs8bit';

/** What one layer costs on one accelerator. */
export interface LayerEnergy extends Energy {
  readonly layer: string;
  readonly cycles: number;
  readonly utilisation: number;
  readonly components: Readonly<Record<string, number>>;
}

/** Fills in the saved shares of an estimate from its references. */
export function relate(
  estimate: Omit<EnergyEstimate, `${'saved' | 'totalSaved'}Vs${'8bit' | '16bitParallel' | 'Static'}` | 'intervals'>,
): EnergyEstimate {
  const { uniform8, bitParallel16, staticProfile } = estimate.references;
  const saved = (reference: Energy) => savedShare(estimate.computePicojoules, reference.computePicojoules);
  const totalSaved = (reference: Energy) => savedShare(estimate.totalPicojoules, reference.totalPicojoules);
  const related = {
    ...estimate,
    savedVs8bit: saved(uniform8),
    totalSavedVs8bit: totalSaved(uniform8),
    savedVs16bitParallel: bitParallel16 && saved(bitParallel16),
    totalSavedVs16bitParallel: bitParallel16 && totalSaved(bitParallel16),
    savedVsStatic: staticProfile && saved(staticProfile),
    totalSavedVsStatic: staticProfile && totalSaved(staticProfile),
  };
  const { corners } = estimate;
  const over = (point: number, values: readonly number[]): Range => [
    Math.min(point, ...values),
    Math.max(point, ...values),
  ];
  const { computePicojoules, totalPicojoules, savedVs8bit, totalSavedVs8bit } = related;
  return {
    ...related,
    intervals:
      corners.length === 0
        ? null
        : {
            computePicojoules: over(
              computePicojoules,
              corners.map((corner) => corner.computePicojoules),
            ),
            totalPicojoules: over(
              totalPicojoules,
              corners.map((corner) => corner.totalPicojoules),
            ),
            savedVs8bit: over(
              savedVs8bit,
              corners.map((corner, k) => savedShare(corner.computePicojoules, uniform8.corners[k]!.computePicojoules)),
            ),
            totalSavedVs8bit: over(
              totalSavedVs8bit,
              corners.map((corner, k) => savedShare(corner.totalPicojoules, uniform8.corners[k]!.totalPicojoules)),
            ),
          },
  };
}

function savedShare(energy: number, reference: number): number {
  return reference === 0 ? 0 : 1 - energy / reference;
}
