import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  basicLayerCounts,
  decodeLayerCounts,
  encodeLayerCounts,
  LayerCountsMean,
  lockstepBitsOf,
} from '../../../src-main/store/layer-counts-blob.ts';
import type { LayerCounts } from '../../../src-shared/measurement.ts';
import { uniformCounts } from '../../../src-shared/uniform-counts.ts';
import { LAYERS } from './stored-runs.ts';

const number = fc.float({ min: 0, max: 16, noNaN: true, noDefaultInfinity: true });
const maybe = fc.option(fc.float({ min: -50, max: 100, noNaN: true }));
const whole = fc.nat(2 ** 24);
const counts = fc.record({
  meanBits: number,
  lockstepBits: number,
  compactedBits: maybe,
  crossbarBits: number,
  maxBits: number,
  zeroShare: maybe,
  nonZeroBits: maybe,
  lockstepNonZeroBits: maybe,
  compactedNonZeroBits: maybe,
  groupBits: maybe,
  palletBits: maybe,
  compactedPalletBits: maybe,
  zeroShareAt8: maybe,
  nonZeroBitsAt8: maybe,
  lockstepNonZeroBitsAt8: maybe,
  groupBitsAt8: maybe,
  palletBitsAt8: maybe,
  clippedShare: maybe,
  sqnrDb: maybe,
  levelMapBits: whole,
  rangeExponents: whole,
  rescaledSums: whole,
  predictorSteps: whole,
  wordBits: fc.constantFrom(null, 4, 8),
  lockstepWordBits: fc.constantFrom(null, 4, 8),
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

  it('have their pass, or had none; others take no room for it', () => {
    const plain = LAYERS.map((layer) => uniformCounts(layer, 4));
    const passed = (share: number, bits: number) => plain.map((layer) => ({ ...layer, pass: { share, bits } }));
    for (const written of [plain, passed(1, 5), passed(0, 0)])
      expect(decodeLayerCounts(encodeLayerCounts(written), LAYERS)).toEqual(written);
    const blobs = [passed(1, 5), passed(0, 0), passed(0, 0), passed(0, 0)].map((written) => encodeLayerCounts(written));
    const mean = new LayerCountsMean(LAYERS);
    blobs.forEach((blob) => mean.add(blob));
    expect(mean.mean()).toEqual(passed(0.25, 5));
    expect(blobs.map((blob) => lockstepBitsOf(blob, LAYERS))).toEqual([9, 4, 4, 4]);
    expect(decodeLayerCounts(basicLayerCounts(blobs[0]!), LAYERS)).toEqual(passed(1, 5));
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
    fc.assert(
      fc.property(layers, (full) => {
        const basic = full.map((layer): LayerCounts => {
          const { meanBits, lockstepBits, compactedBits, crossbarBits, maxBits } = layer;
          const { levelMapBits, rangeExponents, rescaledSums, predictorSteps, wordBits, lockstepWordBits } = layer;
          return {
            ...uniformCounts(layer, meanBits),
            ...{
              lockstepBits,
              compactedBits,
              crossbarBits,
              maxBits,
              levelMapBits,
              rangeExponents,
              rescaledSums,
              predictorSteps,
              wordBits,
              lockstepWordBits,
            },
          };
        });
        expect(basicLayerCounts(encodeLayerCounts(full))).toEqual(encodeLayerCounts(basic));
      }),
    );
  });

  it('take no room for counts that were not made', () => {
    const bare = LAYERS.map((layer) => ({ ...uniformCounts(layer, 4), compactedBits: null }));
    // Two words of columns and the number of layers; seven columns of three layers.
    expect(encodeLayerCounts(bare)).toHaveLength(6 + 7 * 3 * 4);
  });

  it('written before there were more than 13 counts are read, what they lack being null', () => {
    // The first six columns of three layers: the fifth is the count that nothing is priced by any more.
    const columns = [4, 5, 6, 7, 1000, 64];
    const blob = Buffer.alloc(4 + columns.length * 3 * 4);
    blob.writeUInt16LE(0b111111, 0);
    blob.writeUInt16LE(3, 2);
    columns.forEach((value, column) => {
      for (let layer = 0; layer < 3; layer++) blob.writeFloatLE(value, 4 + 4 * (3 * column + layer));
    });
    const expected = LAYERS.map((layer) => ({
      ...uniformCounts(layer, 4),
      lockstepBits: 5,
      compactedBits: null,
      crossbarBits: 6,
      maxBits: 7,
      rangeExponents: 64,
    }));
    expect(decodeLayerCounts(blob, LAYERS)).toEqual(expected);
    const mean = new LayerCountsMean(LAYERS);
    mean.add(blob);
    expect(mean.mean()).toEqual(expected);
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
          for (const column of ['meanBits', 'rescaledSums', 'palletBitsAt8', 'sqnrDb', 'zeroShare'] as const) {
            const values = images.flatMap((image) => image[index]![column] ?? []);
            if (values.length === 0) expect(layer[column]).toBeNull();
            else expect(layer[column]).toBeCloseTo(values.reduce((a, b) => a + b) / values.length, 6);
          }
      }),
    );
  });

  it('are summed up to the same in any order, so that shards give what the whole gives', () => {
    fc.assert(
      fc.property(fc.array(layers, { minLength: 2, maxLength: 5 }), (images) => {
        const mean = (blobs: readonly Buffer[]) => {
          const sum = new LayerCountsMean(LAYERS);
          for (const blob of blobs) sum.add(blob);
          return sum.mean();
        };
        const blobs = images.map((image) => encodeLayerCounts(image));
        expect(mean(blobs.toReversed())).toEqual(mean(blobs));
      }),
    );
  });
});
