import { describe, expect, it } from 'vitest';
import { cannotGain, energyRows, relativeTo } from '../../../src-renderer/figures/energy-rows.ts';
import { barPlaces, bitsBars, energyBars, niceTicks } from '../../../src-renderer/figures/layer-bars.ts';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { classRows, fallenClasses } from '../../../src-renderer/figures/class-rows.ts';
import { analysisOf, entry } from '../fake-host.ts';

const KEPT = analysisOf(entry('a.jpg'), {});
const CHANGED = analysisOf(entry('a.jpg'), { bits: [4, 1] });

describe('Top-5', () => {
  it('sets each class against its place before', () => {
    expect(classRows(KEPT).map(({ rise }) => rise)).toEqual([0, 0, 0, 0, 0]);
    expect(classRows(CHANGED).map(({ label, rise }) => [label, rise])).toEqual([
      ['yawl', 1],
      ['schooner', -1],
      ['pirate ship', 0],
      ['dock', null],
      ['catamaran', -1],
    ]);
    expect(classRows(CHANGED)[3]?.before).toBeNull();
  });

  it('names the classes that left the five', () => {
    expect(fallenClasses(KEPT)).toEqual([]);
    expect(fallenClasses(CHANGED).map(({ label }) => label)).toEqual(['trimaran']);
  });
});

describe('energy', () => {
  it('has a row for every accelerator, also for one without an estimate', () => {
    const rows = energyRows(KEPT.energy.filter(({ accelerator }) => accelerator !== 'pragmatic'));
    expect(rows.map(({ id }) => id)).toEqual(builtinAccelerators().map(({ id }) => id));
    const pragmatic = rows.find(({ id }) => id === 'pragmatic')!;
    expect(pragmatic).toMatchObject({ ideal: null, compacted: null, lockstep: null });
    expect(relativeTo('uniform8', pragmatic.ideal)).toBeNull();
    // The power of a whole die does not compare with a core's.
    const tpu = rows.find(({ id }) => id === 'tpu-v1')!;
    expect(relativeTo('bitParallel16', tpu.lockstep)).toBeNull();
    expect([tpu, pragmatic].map(cannotGain)).toEqual(['fixed 8 bits, cannot gain', null]);
  });

  it('stacks the parts of a machine to what is left of the baseline', () => {
    const stripes = energyRows(KEPT.energy).find(({ id }) => id === 'stripes')!;
    for (const baseline of ['uniform8', 'bitParallel16'] as const) {
      const { parts, savedTotal } = relativeTo(baseline, stripes.lockstep)!;
      expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBeCloseTo(1 - savedTotal, 9);
    }
    expect(relativeTo('uniform8', stripes.ideal)!.savedCompute).toBe(stripes.ideal!.savedVs8bit);
  });

  it('of the layers sums to the energy of the image, and at 8 bits to the reference', () => {
    for (const estimate of KEPT.energy.filter(({ mode }) => mode === 'lockstep')) {
      const bars = energyBars(KEPT.layers, estimate.accelerator)!;
      const sum = (key: 'lockstep' | 'uniform8') => bars.reduce((total, bar) => total + bar[key], 0);
      expect(sum('lockstep') / estimate.computePicojoules).toBeCloseTo(1, 9);
      expect(sum('uniform8') / estimate.references.uniform8.computePicojoules).toBeCloseTo(1, 9);
    }
  });

  it('of the layers is unknown where counts were not taken', () => {
    const uncounted = KEPT.layers.map((layer) => ({ ...layer, nonZeroBits: null, lockstepNonZeroBits: null }));
    expect(energyBars(uncounted, 'pragmatic')).toBeNull();
    expect(energyBars(uncounted, 'stripes')).not.toBeNull();
  });
});

describe('bits per layer', () => {
  it('are mean, lock-step and the 8-bit baseline', () => {
    expect(bitsBars(KEPT.layers)[1]).toEqual({
      name: 'fire2/squeeze',
      ideal: 3.75,
      compacted: 3.875,
      lockstep: 3.875,
      uniform8: 8,
    });
  });
});

describe('bars of layers', () => {
  it('fill the width by their MACs, and none is too thin to be pressed', () => {
    const places = barPlaces([100, 300, 0, 600], 512);
    expect(places.map(({ width }) => width)).toEqual([52.1, 150.3, 3, 297.6]);
    expect(places.at(-1)!.left + places.at(-1)!.width).toBeCloseTo(512, 9);
    for (const [index, { left }] of places.entries())
      if (index > 0) expect(left).toBeCloseTo(places[index - 1]!.left + places[index - 1]!.width + 3, 9);
    expect(barPlaces([], 100)).toEqual([]);
  });

  it('have a scale of at most four round steps that holds the highest', () => {
    expect(niceTicks(8)).toEqual([0, 2, 4, 6, 8]);
    expect(niceTicks(45)).toEqual([0, 20, 40, 60]);
    expect(niceTicks(0)).toEqual([0, 1]);
    for (const highest of [0.003, 0.7, 1, 3.9, 9.99, 17, 123_456]) {
      const ticks = niceTicks(highest);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(highest);
      expect(ticks.length).toBeLessThanOrEqual(5);
    }
  });
});
