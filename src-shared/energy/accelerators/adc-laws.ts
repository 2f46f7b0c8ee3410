/** How the energy of a SAR ADC falls when only b of its 8 bits are resolved; the literature disagrees, so it is a choice. */
export const ADC_LAWS = ['linear', 'isaac', 'square', 'exponential'] as const;
export type AdcLaw = (typeof ADC_LAWS)[number];

/**
 * The linear share of ISAAC's law, part linear (comparator, clock) and part exponential (capacitive DAC).
 * Derived: a * b/8 + (1 - a) * 2^(b - 8) gives the quoted 0.473 at 4 bits and 0.719 at 6 bits with a = 0.938.
 */
const ISAAC_LINEAR_SHARE = 0.938;

/**
 * Energy of a conversion resolving `bits` of 8, relative to resolving all 8.
 * Sources: linear, Newton (IEEE Micro 2018); isaac, Shafiee et al. (ISCA 2016); square, PUMA (ASPLOS 2019).
 * @param bits 0..8
 */
export function adcEnergyShare(law: AdcLaw, bits: number): number {
  const linear = bits / 8;
  const exponential = 2 ** (bits - 8);
  switch (law) {
    case 'linear':
      return linear;
    case 'isaac':
      return ISAAC_LINEAR_SHARE * linear + (1 - ISAAC_LINEAR_SHARE) * exponential;
    case 'square':
      return linear * linear;
    case 'exponential':
      return exponential;
  }
}
