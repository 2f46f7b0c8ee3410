import { relate, type Energy, type EnergyEstimate } from './energy.ts';

/**
 * The sum of two estimates of the same accelerator and mode: images of a folder, or parts of a network.
 * @throws RangeError when accelerator or mode differ
 */
export function addEnergy(a: EnergyEstimate, b: EnergyEstimate): EnergyEstimate {
  if (a.accelerator !== b.accelerator || a.mode !== b.mode)
    throw new RangeError(`cannot add ${b.accelerator} (${b.mode}) to ${a.accelerator} (${a.mode})`);
  const components: Record<string, number> = { ...a.components };
  for (const [name, energy] of Object.entries(b.components)) components[name] = (components[name] ?? 0) + energy;
  const staticA = a.references.staticProfile;
  const staticB = b.references.staticProfile;
  return relate({
    accelerator: a.accelerator,
    mode: a.mode,
    ...plus(a, b),
    cycles: a.cycles + b.cycles,
    seconds: a.seconds + b.seconds,
    components,
    references: {
      uniform8: plus(a.references.uniform8, b.references.uniform8),
      bitParallel16: plus(a.references.bitParallel16, b.references.bitParallel16),
      staticProfile: staticA && staticB && plus(staticA, staticB),
    },
  });
}

/** An estimate times a factor: `scaleEnergy(sum, 1 / images)` is the mean. The saved shares stay. */
export function scaleEnergy(estimate: EnergyEstimate, factor: number): EnergyEstimate {
  const { uniform8, bitParallel16, staticProfile } = estimate.references;
  return {
    ...estimate,
    ...times(estimate, factor),
    cycles: estimate.cycles * factor,
    seconds: estimate.seconds * factor,
    components: Object.fromEntries(Object.entries(estimate.components).map(([name, pj]) => [name, pj * factor])),
    references: {
      uniform8: times(uniform8, factor),
      bitParallel16: times(bitParallel16, factor),
      staticProfile: staticProfile && times(staticProfile, factor),
    },
  };
}

/**
 * The mean over images, by accelerator and mode. One that any image lacks is left out: a mean over fewer images would
 * not compare.
 * @param images the estimates of each image
 */
export function meanEnergy(images: readonly (readonly EnergyEstimate[])[]): EnergyEstimate[] {
  const [first = [], ...rest] = images;
  return first.flatMap((estimate) => {
    let sum = estimate;
    for (const image of rest) {
      const same = image.find((other) => other.accelerator === estimate.accelerator && other.mode === estimate.mode);
      if (!same) return [];
      sum = addEnergy(sum, same);
    }
    return [scaleEnergy(sum, 1 / images.length)];
  });
}

function plus(a: Energy, b: Energy): Energy {
  return {
    computePicojoules: a.computePicojoules + b.computePicojoules,
    totalPicojoules: a.totalPicojoules + b.totalPicojoules,
  };
}

function times(energy: Energy, factor: number): Energy {
  return {
    computePicojoules: energy.computePicojoules * factor,
    totalPicojoules: energy.totalPicojoules * factor,
  };
}
