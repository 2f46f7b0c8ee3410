/**
 * Who pays for how many bits. `ideal`: each value its own, a bound. `compacted`: windows of 0 bits are skipped and the rest packed
 * sixteen at a time, for schedulers that can. `lockstep`: values that enter the hardware together all pay the widest of them, what
 * the machines are published to do.
 */
export const ENERGY_MODES = ['ideal', 'compacted', 'lockstep'] as const;
export type EnergyMode = (typeof ENERGY_MODES)[number];

/** Of every headline, table, report and policy unless somebody asks for another. */
export const DEFAULT_ENERGY_MODE: EnergyMode = 'lockstep';

/** As people read them. */
export const MODE_NAMES: Readonly<Record<EnergyMode, string>> = {
  ideal: 'ideal',
  compacted: 'compacted',
  lockstep: 'lock-step',
};

export const MODE_MEANINGS: Readonly<Record<EnergyMode, string>> = {
  ideal: 'Each value pays its own bits: a bound',
  compacted: 'Windows of 0 bits are skipped and the rest packed, for schedulers that can',
  lockstep: 'Each group that works in step pays its widest value',
};
