import { relate, type Energy, type EnergyEstimate, type RangedEnergy } from './energy-estimate.ts';

/**
 * The sum of two estimates of the same accelerator and mode: images of a folder, or parts of a network.
 * @throws RangeError when accelerator, mode or the place of the weights differ
 */
export function addEnergy(a: EnergyEstimate, b: EnergyEstimate): EnergyEstimate {
  for (const same of ['accelerator', 'mode', 'weightsFrom', 'chips'] as const)
    if (a[same] !== b[same])
      throw new RangeError(`cannot add an estimate of ${same} ${b[same]} to one of ${same} ${a[same]}`);
  const components: Record<string, number> = { ...a.components };
  for (const [name, energy] of Object.entries(b.components)) components[name] = (components[name] ?? 0) + energy;
  const cycles = a.cycles + b.cycles;
  return relate({
    ...a,
    ...rangedSum(a, b),
    cycles,
    seconds: a.seconds + b.seconds,
    utilisation: cycles === 0 ? 0 : (a.utilisation * a.cycles + b.utilisation * b.cycles) / cycles,
    components,
    references: {
      uniform8: rangedSum(a.references.uniform8, b.references.uniform8),
      bitParallel16: sumOrNull(a.references.bitParallel16, b.references.bitParallel16),
      staticProfile: sumOrNull(a.references.staticProfile, b.references.staticProfile),
    },
  });
}

/** An estimate times a factor: `scaleEnergy(sum, 1 / images)` is the mean. Shares stay. */
export function scaleEnergy(estimate: EnergyEstimate, factor: number): EnergyEstimate {
  const { uniform8, bitParallel16, staticProfile } = estimate.references;
  return relate({
    ...estimate,
    ...times(estimate, factor),
    corners: estimate.corners.map((corner) => times(corner, factor)),
    cycles: estimate.cycles * factor,
    seconds: estimate.seconds * factor,
    components: Object.fromEntries(Object.entries(estimate.components).map(([name, pj]) => [name, pj * factor])),
    references: {
      uniform8: { ...times(uniform8, factor), corners: uniform8.corners.map((corner) => times(corner, factor)) },
      bitParallel16: bitParallel16 && times(bitParallel16, factor),
      staticProfile: staticProfile && times(staticProfile, factor),
    },
  });
}

function plus(a: Energy, b: Energy): Energy {
  return {
    computePicojoules: a.computePicojoules + b.computePicojoules,
    totalPicojoules: a.totalPicojoules + b.totalPicojoules,
  };
}

function rangedSum(a: RangedEnergy, b: RangedEnergy): RangedEnergy {
  return { ...plus(a, b), corners: a.corners.map((corner, k) => plus(corner, b.corners[k]!)) };
}

function sumOrNull(a: Energy | null, b: Energy | null): Energy | null {
  return a && b && plus(a, b);
}

function times(energy: Energy, factor: number): Energy {
  return {
    computePicojoules: energy.computePicojoules * factor,
    totalPicojoules: energy.totalPicojoules * factor,
  };
}
