import fc from 'fast-check';
import { expect, test } from 'vitest';
import { luma } from '../../../src-shared/importance/luma.ts';
import { openCv } from './opencv.ts';
import { anyPicture, picture } from './pictures.ts';

test('grey stays what it is', () => {
  expect([...luma(picture(256, 1, (x) => x))]).toEqual(Array.from({ length: 256 }, (_, i) => i));
});

test('it is ITU-R BT.601, rounded, and within one level of OpenCV', async () => {
  const cv = await openCv();
  fc.assert(
    fc.property(anyPicture(1, 12), (image) => {
      const source = cv.matFromArray(image.height, image.width, cv.CV_8UC3, image.data);
      const grey = new cv.Mat();
      cv.cvtColor(source, grey, cv.COLOR_RGB2GRAY);
      for (const [pixel, value] of luma(image).entries()) {
        const [r, g, b] = image.data.subarray(pixel * 3);
        expect(Math.abs(value - (0.299 * r! + 0.587 * g! + 0.114 * b!))).toBeLessThan(0.52);
        expect(Math.abs(value - grey.data[pixel]!)).toBeLessThanOrEqual(1);
      }
      source.delete();
      grey.delete();
    }),
  );
});
