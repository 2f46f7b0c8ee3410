import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { COMPILED, compiledKernels } from '../../resources/kernels/compile.ts';
import { imagePlanes, kernels, planePixels } from '../../src-shared/kernels.ts';
import { anyPicture } from './importance/pictures.ts';

test('the compiled kernels are those of the sources: node resources/kernels/compile.ts', async () => {
  expect(await readFile(COMPILED, 'utf8')).toBe(await compiledKernels());
});

test('memory does not grow with the number of images', () => {
  const image = { width: 300, height: 200, data: new Uint8Array(3 * 300 * 200) };
  const work = () => {
    const planes = imagePlanes(image);
    kernels().cellMeans(planes, kernels().corners(planes), 14, 14);
    return kernels().memory.buffer.byteLength;
  };
  const first = work();
  for (let i = 0; i < 20; i++) expect(work()).toBe(first);
});

test('an image is not changed by the one before it, larger or smaller', () => {
  fc.assert(
    fc.property(anyPicture(1, 30), anyPicture(1, 30), (before, image) => {
      const corners = () => planePixels(kernels().corners(imagePlanes(image)), image, Float32Array);
      const expected = corners();
      kernels().corners(imagePlanes(before));
      expect(corners()).toEqual(expected);
    }),
  );
});
