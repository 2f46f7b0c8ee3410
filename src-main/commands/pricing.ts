import { DEFAULT_ENERGY_MODE, ENERGY_MODES } from '../../src-shared/energy/energy-mode.ts';
import { DEFAULT_SWITCHES } from '../../src-shared/energy/energy-switches.ts';
import type { PriceOrder } from '../../src-shared/energy/price-order.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import type { PricingFlags } from './pricing-options.ts';

/**
 * What is to be priced, and how, from the options of a command.
 * @throws FoveaError `accelerator-unknown`, `accelerator-invalid`
 */
export async function pricingOf({ accelerator, mode, ...switches }: PricingFlags): Promise<PriceOrder> {
  const { storage, weights, idleLanes } = { ...DEFAULT_SWITCHES, ...switches };
  const chosen = mode === undefined || mode === 'all' ? ENERGY_MODES : [mode];
  return {
    accelerators: await resolveAccelerators(accelerator),
    modes: chosen,
    shownModes: mode === undefined ? [DEFAULT_ENERGY_MODE] : chosen,
    switches: { storage, weights, idleLanes },
  };
}
