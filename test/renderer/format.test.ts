import { describe, expect, it } from 'vitest';
import { figuresOf } from '../../src-shared/work.ts';
import { bits, count, duration, energy, energyTick, percent, saving, workText } from '../../src-renderer/format.ts';

/** Narrow spaces are written as plain ones here. */
const plain = (text: string) => text.replaceAll('\u202f', ' ');

describe('format', () => {
  it.each([
    [0.499, '−49.9 %'],
    [-0.03, '+3.0 %'],
    [0, '0.0 %'],
    [0.00001, '0.0 %'],
    [-0.00001, '0.0 %'],
    [Number.NaN, '–'],
  ])('writes a saving of %d as the change %s', (share, text) => expect(plain(saving(share))).toBe(text));

  it.each([
    [0.25, '25 %'],
    [1, '100 %'],
    [Number.NaN, '–'],
  ])('writes the share %d as %s', (share, text) => expect(plain(percent(share))).toBe(text));

  it.each([
    [0, '0 pJ'],
    [0.5, '0.500 pJ'],
    [12.34, '12.3 pJ'],
    [1e6, '1.00 µJ'],
    [263e6, '263 µJ'],
    [1.5e12, '1.50 J'],
    [Number.NaN, '–'],
  ])('writes %d pJ as %s', (picojoules, text) => expect(plain(energy(picojoules))).toBe(text));

  it.each([
    [0, '0'],
    [50e6, '50 µJ'],
    [2.5e6, '2.5 µJ'],
    [100e6, '100 µJ'],
  ])('writes the tick %d pJ as %s', (picojoules, text) => expect(plain(energyTick(picojoules))).toBe(text));

  it('writes counts, bits and durations as they are read', () => {
    expect(plain(count(349e6))).toBe('349 M');
    expect(count(12)).toBe('12');
    expect(bits(4)).toBe('4');
    expect(bits(3.875)).toBe('3.88');
    expect(duration(59.2)).toBe('1 min 0 s');
    expect(duration(3725)).toBe('1 h 2 min');
  });

  it.each([
    [figuresOf('opening-files'), 'opening files'],
    [figuresOf('opening-model', { subject: 'VGG-16' }), 'opening VGG-16'],
    [figuresOf('sending-files', { total: 12 }), 'sending files · 0 of 12 files'],
    [
      figuresOf('evaluating', { done: 120, total: 250, failed: 4, rate: 12.34, secondsLeft: 10.6 }),
      'evaluating · 120 of 250 images · 4 failed · 12.3/s · 11 s left',
    ],
    [
      figuresOf('downloading', { done: 554_321, total: 554e6, rate: 8.1e6 }),
      'downloading · 554 kB of 554 MB · 8.10 MB/s',
    ],
    [figuresOf('copying', { done: 12, total: 999 }), 'copying · 12 B of 999 B'],
  ])('tells of work what is known: %o as %s', (figures, text) => expect(plain(workText(figures))).toBe(text));
});
