import { describe, expect, it } from 'vitest';
import { describedNetwork } from '../../../src-shared/energy/networks.ts';
import {
  countsAtBits,
  parseProfile,
  profileBits,
  profilePresets,
} from '../../../src-shared/precision/precision-profile.ts';

describe('published profiles', () => {
  it('are marked as not confirmed against the paper', () => {
    expect(profilePresets()).toHaveLength(10);
    for (const preset of profilePresets()) expect(preset.flag).toBe('unconfirmed');
  });

  it.each([
    ['stripes-alexnet-100', 'alexnet-bvlc', [9, 7]],
    ['stripes-alexnet-99', 'alexnet-bvlc', [9, 7]],
    ['stripes-googlenet-100', 'googlenet', [10, 7]],
    ['stripes-googlenet-99', 'googlenet', [10, 8]],
    ['stripes-vgg19-100', 'vgg19', [12, 13]],
    ['stripes-vgg19-99', 'vgg19', [9, 13]],
  ])('%s fits the convolutions of %s from the first to the last', (id, network, firstAndLast) => {
    const { layers } = describedNetwork(network);
    const bits = profileBits(layers, parseProfile(id).bits);
    const convolutions = bits.filter((_, k) => layers[k]!.op === 'Conv');
    expect([convolutions[0], convolutions.at(-1)]).toEqual(firstAndLast);
  });
});

describe('profileBits', () => {
  const { layers } = describedNetwork('alexnet');

  it('takes one width a layer, or one a convolution with the rest at other bits', () => {
    expect(profileBits(layers, [1, 2, 3, 4, 5, 6, 7, 8])).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(profileBits(layers, [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4, 5, 16, 16, 16]);
    expect(profileBits(layers, [1, 2, 3, 4, 5], 6)).toEqual([1, 2, 3, 4, 5, 6, 6, 6]);
  });
});

describe('parseProfile', () => {
  it('reads widths of 0 to 16', () => {
    expect(parseProfile('0-16-8').bits).toEqual([0, 16, 8]);
    expect(parseProfile('7')).toEqual({ bits: [7], preset: null });
  });

  it.each(['', '8-', '8,8', '-8', '8-17', '8.5', 'stripes-vgg16'])('refuses "%s"', (text) => {
    expect(() => parseProfile(text)).toThrow('neither bit widths of 0 to 16');
  });
});

describe('countsAtBits', () => {
  it('knows one-bits only where a mean share of them is published', () => {
    const { layers, oneBitShares } = describedNetwork('vgg19');
    const counts = countsAtBits(layers.slice(0, 3), [16, 8, 7], oneBitShares);
    expect(counts.map(({ nonZeroBits }) => nonZeroBits)).toEqual([0.127 * 16, 0.165 * 8, null]);
    expect(counts[0]!.nonZeroBitsAt8).toBe(0.165 * 8);
    expect(counts.every(({ lockstepNonZeroBits }) => lockstepNonZeroBits === null)).toBe(true);
  });
});
