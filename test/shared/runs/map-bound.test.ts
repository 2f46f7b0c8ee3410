import { describe, expect, it } from 'vitest';
import { UNIFORM_WIDTHS } from '../../../src-shared/runs/controls.ts';
import { type ImageBound, mapBound } from '../../../src-shared/runs/map-bound.ts';

const cost = (bits: number) => ({ ideal: bits, lockstep: bits, compacted: bits });
/** An image whose answer stands down to so many bits, and under a map of so many. */
const image = (least: number, map: number | null, plainRight = true): ImageBound => ({
  sha256: 'a'.repeat(64),
  plainRight,
  widths: UNIFORM_WIDTHS.map((bits) => ({ keeps: plainRight && bits >= least, cost: cost(bits) })),
  map: map === null ? null : { high: least, low: least - 1, highShare: 0.5, cost: cost(map), tried: 10 },
});

describe('mapBound', () => {
  const images = [image(4, 3.5), image(2, 2), image(3, 2), image(4, null, false)];
  const found = mapBound(images, { seed: 1, resamples: 200 });

  it('holds the map of each image against its fewest uniform bits; where the plain network is wrong both pay 8', () => {
    // 4 + 2 + 3 + 8 bits of 32, and 3.5 + 2 + 2 + 8.
    expect(found.modes.ideal.uniformPerImage).toBeCloseTo(1 - 17 / 32, 12);
    expect(found.modes.ideal.mapPerImage).toBeCloseTo(1 - 15.5 / 32, 12);
    expect(found.modes.ideal.earned).toBeCloseTo(1.5 / 32, 12);
    expect(found.modes.ideal.interval[0]).toBeLessThan(1.5 / 32);
    expect(found.modes.ideal.interval[1]).toBeGreaterThan(1.5 / 32);
    expect(found).toMatchObject({ images: 4, plainRight: 3, lowered: 2, tried: 10 });
  });

  it('and against one width for all at the accuracy of the plain network', () => {
    // Four bits keep all three.
    expect(found.modes.ideal).toMatchObject({ uniformForAll: 0.5, isBeyond: false });
  });

  it('earns nothing from a map that costs more', () => {
    const { modes, lowered } = mapBound([image(2, 3)], { seed: 1, resamples: 20 });
    expect([modes.ideal.earned, lowered]).toEqual([0, 0]);
  });
});
