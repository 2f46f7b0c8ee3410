/** Whether each value pays its own bits, or each lock-step group its maximum. */
export type EnergyMode = 'ideal' | 'lockstep';

/** What one image (or the sum or mean of several) costs on one accelerator. Energies in picojoules. */
export interface EnergyEstimate {
  readonly accelerator: string;
  readonly mode: EnergyMode;
  readonly computePicojoules: number;
  readonly totalPicojoules: number;
  readonly cycles: number;
  /** 1 - compute energy / compute energy at uniform 8 bits on the same machine. */
  readonly savedVs8bit: number;
  /** 1 - compute energy / compute energy of the 16-bit bit-parallel baseline. */
  readonly savedVs16bitParallel: number;
  /** Picojoules by component; they sum to `totalPicojoules`. */
  readonly components: Readonly<Record<string, number>>;
}
