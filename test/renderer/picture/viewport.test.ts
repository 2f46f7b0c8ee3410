import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fit, imagePoint, MAX_SCALE, pan, zoomAt } from '../../../src-renderer/picture/viewport.ts';

const VIEW = { width: 800, height: 600 };
const IMAGE = { width: 1024, height: 683 };

describe('viewport', () => {
  it('fits the whole image, centred, and keeps its proportions', () => {
    const { scale, x, y } = fit(VIEW, IMAGE, 12);
    expect(IMAGE.width * scale).toBeCloseTo(776);
    expect(x).toBeCloseTo(12);
    expect(y + (IMAGE.height * scale) / 2).toBeCloseTo(300);
  });

  it('keeps the image point under the pointer where it is while zooming', () => {
    const inside = fc.record({ x: fc.integer({ min: 60, max: 740 }), y: fc.integer({ min: 60, max: 540 }) });
    fc.assert(
      fc.property(inside, fc.double({ min: 1, max: 8, noNaN: true }), (anchor, factor) => {
        const before = fit(VIEW, IMAGE);
        const after = zoomAt(before, anchor, factor, VIEW, IMAGE);
        const [from, to] = [imagePoint(before, anchor), imagePoint(after, anchor)];
        expect(to.x).toBeCloseTo(from.x, 6);
        expect(to.y).toBeCloseTo(from.y, 6);
      }),
    );
  });

  it('zooms no further than it is of use', () => {
    const anchor = { x: 400, y: 300 };
    expect(zoomAt(fit(VIEW, IMAGE), anchor, 1e6, VIEW, IMAGE).scale).toBe(MAX_SCALE);
    expect(zoomAt(fit(VIEW, IMAGE), anchor, 1e-6, VIEW, IMAGE).scale).toBeCloseTo(fit(VIEW, IMAGE).scale);
  });

  it('never lets the image leave the view', () => {
    fc.assert(
      fc.property(fc.integer({ min: -5000, max: 5000 }), fc.integer({ min: -5000, max: 5000 }), (dx, dy) => {
        const { scale, x, y } = pan(fit(VIEW, IMAGE), dx, dy, VIEW, IMAGE);
        expect(x).toBeLessThan(VIEW.width);
        expect(y).toBeLessThan(VIEW.height);
        expect(x + IMAGE.width * scale).toBeGreaterThan(0);
        expect(y + IMAGE.height * scale).toBeGreaterThan(0);
      }),
    );
  });
});
