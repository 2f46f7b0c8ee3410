import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { countPallets } from '../../src-shared/energy/pallets.ts';
import { ENERGY_MODES } from '../../src-shared/energy/energy-mode.ts';
import { estimateAll } from '../../src-shared/energy/energy.ts';
import { describedNetwork } from '../../src-shared/energy/networks.ts';
import { countsAtBits } from '../../src-shared/precision/precision-profile.ts';

/** VGG-16 on all accelerators in all modes, and the counts of groups of one large layer. */
export async function benchEnergy(): Promise<string[]> {
  const { layers: geometry } = describedNetwork('vgg16');
  const bits = geometry.map(() => 8);
  const layers = countsAtBits(geometry, bits).map((layer) => ({
    ...layer,
    nonZeroBits: 3,
    lockstepNonZeroBits: 5,
    compactedNonZeroBits: 5,
    nonZeroBitsAt8: 3,
    lockstepNonZeroBitsAt8: 5,
  }));
  const accelerators = builtinAccelerators();
  const estimate = medianMs(2000, () => estimateAll(accelerators, layers));

  const magnitudes = new Uint16Array(128 * 112 * 112).map((_, i) => (i * 2654435761) >>> 24);
  const count = medianMs(20, () => countPallets(magnitudes, 128, 112 * 112, 0));
  return [
    `energy, VGG-16 on ${accelerators.length} accelerators in ${ENERGY_MODES.length} modes: ${estimate.toFixed(3)} ms (target 1 ms)`,
    `one-bits, pallet steps and widths of groups of ${magnitudes.length.toLocaleString('en-GB')} 8-bit values: ${count.toFixed(1)} ms`,
  ];
}

/** Median over `repeats` calls, after a tenth as many to warm up. */
function medianMs(repeats: number, action: () => unknown): number {
  for (let i = 0; i < repeats / 10; i++) action();
  const times = Array.from({ length: repeats }, () => {
    const start = performance.now();
    action();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return times[times.length >> 1]!;
}
