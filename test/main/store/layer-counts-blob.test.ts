import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basicLayerCounts,
  decodeLayerCounts,
  encodeLayerCounts,
  LayerCountsMean,
} from '../../../src-main/store/layer-counts-blob.ts';
import type { LayerCounts } from '../../../src-shared/measurement.ts';
import { LAYERS } from './stored-runs.ts';

const number = fc.float({ min: 0, max: 16, noNaN: true, noDefaultInfinity: true });
const maybe = fc.option(fc.float({ min: -50, max: 100, noNaN: true }));
const counts = fc.record({
  meanBits: number,
  lockstepBits: number,
  crossbarBits: number,
  maxBits: number,
  zeroShare: maybe,
  nonZeroBits: maybe,
  lockstepNonZeroBits: maybe,
  nonZeroBitsAt8: maybe,
  lockstepNonZeroBitsAt8: maybe,
  clippedShare: maybe,
  sqnrDb: maybe,
  precisionGroups: fc.nat(2 ** 24),
  rangeExponents: fc.nat(2 ** 24),
});
const layers = fc
  .array(counts, { minLength: LAYERS.length, maxLength: LAYERS.length })
  .map((all) => all.map((one, index): LayerCounts => ({ ...LAYERS[index]!, ...one })));

describe('stored layer counts', () => {
  it('are read back as they were, to single precision', () => {
    fc.assert(
      fc.property(layers, (written) => {
        expect(decodeLayerCounts(encodeLayerCounts(written), LAYERS)).toEqual(written);
      }),
    );
  });

  it('are read back to the last digit in double precision', () => {
    const exact = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(layers, exact, (written, digits) => {
        const all = written.map((layer) => ({ ...layer, meanBits: digits, sqnrDb: digits / 3 }));
        expect(decodeLayerCounts(encodeLayerCounts(all, 8), LAYERS, 8)).toEqual(all);
      }),
    );
  });

  it('of a full result hold those of a basic one, byte for byte', () => {
    const none = {
      zeroShare: null,
      nonZeroBits: null,
      lockstepNonZeroBits: null,
      nonZeroBitsAt8: null,
      lockstepNonZeroBitsAt8: null,
      clippedShare: null,
      sqnrDb: null,
    };
    fc.assert(
      fc.property(layers, (full) => {
        const basic = full.map((layer) => ({ ...layer, ...none }));
        expect(basicLayerCounts(encodeLayerCounts(full))).toEqual(encodeLayerCounts(basic));
      }),
    );
  });

  it('take no room for counts that were not made', () => {
    const bare = LAYERS.map((layer): LayerCounts => ({
      ...layer,
      meanBits: 4,
      lockstepBits: 4,
      crossbarBits: 4,
      maxBits: 4,
      zeroShare: null,
      nonZeroBits: null,
      lockstepNonZeroBits: null,
      nonZeroBitsAt8: null,
      lockstepNonZeroBitsAt8: null,
      clippedShare: null,
      sqnrDb: null,
      precisionGroups: 0,
      rangeExponents: 0,
    }));
    expect(encodeLayerCounts(bare)).toHaveLength(4 + 6 * 3 * 4);
  });

  it('do not pass for those of another model', () => {
    const [written] = fc.sample(layers, { numRuns: 1, seed: 1 });
    expect(() => decodeLayerCounts(encodeLayerCounts(written!), LAYERS.slice(1))).toThrow(RangeError);
    expect(() => decodeLayerCounts(encodeLayerCounts(written!).subarray(0, -4), LAYERS)).toThrow(RangeError);
  });

  it('are averaged over the images that have them', () => {
    fc.assert(
      fc.property(fc.array(layers, { minLength: 1, maxLength: 5 }), (images) => {
        const sum = new LayerCountsMean(LAYERS);
        for (const image of images) sum.add(encodeLayerCounts(image));
        const mean = sum.mean();
        for (const [index, layer] of mean.entries())
          for (const column of ['meanBits', 'precisionGroups', 'sqnrDb', 'zeroShare'] as const) {
            const values = images.flatMap((image) => image[index]![column] ?? []);
            if (values.length === 0) expect(layer[column]).toBeNull();
            else expect(layer[column]).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 6);
          }
      }),
    );
  });
});
