import type { EnergyEstimate } from '../energy/energy-estimate.ts';
import type { PolicyReport } from './run-record.ts';

/** What a policy saves of plain 8 bits on one machine, in one mode; shares. */
export type PolicyEnergy = Pick<EnergyEstimate, 'accelerator' | 'mode' | 'savedVs8bit' | 'totalSavedVs8bit'>;

/**
 * What a policy saves against plain 8 bits: every image pays the mean price of each plan that it is run under, and that of 8 bits
 * where it is left to the plain network.
 * @param saved share that a plan of the run saves, by its index; null where it cannot be told
 * @returns null where a plan that is paid cannot be priced, or it was not noted which are
 */
export function policySaved({ plans, paid }: PolicyReport, saved: (plan: number) => number | null): number | null {
  if (!paid) return null;
  let price = paid.plain;
  for (const [at, plan] of plans.entries()) {
    const share = paid.plans[at] ?? 0;
    if (share === 0) continue;
    const own = saved(plan);
    if (own === null) return null;
    price += share * (1 - own);
  }
  return 1 - price;
}

/** The same on every machine and in every mode that all plans it pays are priced for. @param estimates one list a plan of the run */
export function policyEnergy(policy: PolicyReport, estimates: readonly (readonly EnergyEstimate[])[]): PolicyEnergy[] {
  return (estimates[0] ?? []).flatMap(({ accelerator, mode }) => {
    const of = (plan: number) =>
      estimates[plan]?.find((one) => one.accelerator === accelerator && one.mode === mode) ?? null;
    const savedVs8bit = policySaved(policy, (plan) => of(plan)?.savedVs8bit ?? null);
    const totalSavedVs8bit = policySaved(policy, (plan) => of(plan)?.totalSavedVs8bit ?? null);
    return savedVs8bit === null || totalSavedVs8bit === null
      ? []
      : [{ accelerator, mode, savedVs8bit, totalSavedVs8bit }];
  });
}
