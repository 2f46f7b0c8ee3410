import { expect, test } from 'vitest';
import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { estimateAll } from '../../src-shared/energy/energy.ts';
import { bitsOfNetwork, leftOutPerMac } from '../../src-shared/left-out.ts';
import { uniformCounts } from '../../src-shared/uniform-counts.ts';

const layer = (macs: number) => ({
  name: 'conv',
  op: 'Conv' as const,
  inputShape: [16, 8, 8] as const,
  outputShape: [16, 8, 8] as const,
  kernel: [1, 1] as const,
  groups: 1,
  macs,
  values: 1024,
  weights: 256,
});
const left = (macs: number | null) => ({ name: 'up', op: 'ConvTranspose', macs, why: 'a transposed convolution' });
const layers = [16_384, 16_384].map(layer);

test('bits of the layers become those of the network: the rest has 8', () => {
  // 32,768 MACs at 4 bits beside as many at 8, and beside three times as many.
  expect(bitsOfNetwork(4, layers, [left(32_768)])).toBe(6);
  expect(bitsOfNetwork(4, layers, [left(65_536), left(32_768)])).toBe(7);
  expect(bitsOfNetwork(4.3, layers, [])).toBe(4.3);
  expect(leftOutPerMac(layers, [left(1), left(null)])).toBeNull();
  expect(bitsOfNetwork(4, layers, [left(32_768), left(null)])).toBe(4);
});

test('what is left out costs the same under a plan and in all that it is compared with', () => {
  const counts = layers.map((own) => uniformCounts(own, 4));
  const options = { staticProfile: [6, 6] };
  const alone = estimateAll(builtinAccelerators(), counts, options).estimates;
  const whole = estimateAll(builtinAccelerators(), counts, { ...options, leftOut: [left(3 * 32_768)] }).estimates;
  expect(whole).toHaveLength(alone.length);
  for (const [k, own] of whole.entries()) {
    const before = alone[k]!;
    expect(own.savedVs8bit).toBeCloseTo(before.savedVs8bit / 4, 9);
    expect(own.totalSavedVs8bit).toBeCloseTo(before.totalSavedVs8bit / 4, 9);
    expect(own.references.uniform8.computePicojoules).toBeCloseTo(4 * before.references.uniform8.computePicojoules, 6);
    expect(own.computePicojoules).toBeCloseTo(
      before.computePicojoules + 3 * before.references.uniform8.computePicojoules,
      6,
    );
    const parts = Object.values(own.components).reduce((sum, energy) => sum + energy, 0);
    expect(parts / own.totalPicojoules).toBeCloseTo(1, 9);
    if (before.intervals) expect(own.intervals!.savedVs8bit[1]).toBeCloseTo(before.intervals.savedVs8bit[1] / 4, 9);
  }
  const stripes = whole.find(({ accelerator, mode }) => accelerator === 'stripes' && mode === 'lockstep')!;
  expect(stripes.savedVs8bit).toBeCloseTo(0.125, 9);
});

test('where the MACs of a part are not known, estimates are of the layers', () => {
  const counts = layers.map((own) => uniformCounts(own, 4));
  const estimates = (leftOut: Parameters<typeof leftOutPerMac>[1]) =>
    estimateAll(builtinAccelerators(), counts, { leftOut });
  expect(estimates([left(1000), left(null)])).toEqual(estimates([]));
});
