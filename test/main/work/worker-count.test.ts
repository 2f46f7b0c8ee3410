import { describe, expect, it } from 'vitest';
import { workerCount } from '../../../src-main/work/worker-count.ts';

const GIB = 2 ** 30;

describe('workerCount', () => {
  it('is one a core while memory lasts, and never none', () => {
    expect(workerCount(8, 32 * GIB, 5e6)).toBe(8);
    // VGG-16: 553 MB, two and a half times, and the engine itself.
    expect(workerCount(8, 8 * GIB, 553e6)).toBe(3);
    expect(workerCount(8, GIB / 4, 553e6)).toBe(1);
    expect(workerCount(1, 64 * GIB, 5e6)).toBe(1);
    expect(workerCount(64, 64 * GIB, 5e6, 'webgpu')).toBe(4);
  });
});
