import fc from 'fast-check';
import { expect, test } from 'vitest';
import { luma } from '../../src-shared/importance/luma.ts';
import {
  type Preprocessing,
  PREPROCESSING_PRESETS,
  presetPreprocessing,
  resizeGeometry,
  tensorLength,
  toTensor,
  visibleRectangle,
} from '../../src-shared/preprocessing.ts';
import { anyPicture, picture } from './importance/pictures.ts';

const INPUT = { layout: 'NCHW', height: 224, width: 224, channelCount: 3 } as const;
const PRESETS = ['imagenet', 'caffe', 'tensorflow', 'plain'] as const;

function tensorOf(preprocessing: Preprocessing, rgb: readonly [number, number, number]): number[] {
  const single = { ...preprocessing, height: 1, width: 1 };
  const out = new Float32Array(tensorLength(single));
  toTensor(
    picture(1, 1, () => rgb),
    single,
    out,
  );
  return [...out];
}

// White and black by the published means and deviations, by hand.
test.each([
  ['imagenet', [255, 255, 255], [2.2489083, 2.4285714, 2.64]],
  ['imagenet', [0, 0, 0], [-2.1179039, -2.0357143, -1.8044444]],
  ['caffe', [10, 20, 30], [30 - 103.94, 20 - 116.78, 10 - 123.68]],
  ['tensorflow', [0, 255, 51], [-1, 1, -0.6]],
  ['plain', [0, 255, 51], [0, 1, 0.2]],
] as const)('preset %s turns %j into %j', (preset, rgb, values) => {
  for (const [channel, value] of tensorOf(presetPreprocessing(preset, INPUT), rgb).entries())
    expect(value).toBeCloseTo(values[channel]!, 4);
});

test('a model of one channel gets luma', () => {
  const preprocessing = presetPreprocessing('plain', { ...INPUT, channelCount: 1 });
  expect(preprocessing).toMatchObject({ channels: 'grey', mean: [0], std: [1] });
  expect(tensorOf(preprocessing, [255, 0, 0])[0]).toBeCloseTo(76 / 255, 6);
});

test('every value is where the layout says, in any batch position, and nothing else is touched', () => {
  const gen = fc.record({
    image: anyPicture(1, 9),
    preset: fc.constantFrom(...PRESETS),
    layout: fc.constantFrom('NCHW' as const, 'NHWC' as const),
    channelCount: fc.constantFrom(1 as const, 3 as const),
    position: fc.nat(2),
  });
  fc.assert(
    fc.property(gen, ({ image, preset, layout, channelCount, position }) => {
      const { width, height } = image;
      const preprocessing = presetPreprocessing(preset, { layout, height, width, channelCount });
      const length = tensorLength(preprocessing);
      const batch = new Float32Array(3 * length).fill(777);
      toTensor(image, preprocessing, batch, position * length);
      const grey = luma(image);
      const expected = new Float32Array(3 * length).fill(777);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < width; x++)
          for (let c = 0; c < channelCount; c++) {
            const source = preprocessing.channels === 'BGR' ? 2 - c : c;
            const byte = channelCount === 1 ? grey[y * width + x]! : image.data[(y * width + x) * 3 + source]!;
            const [low, high] = preprocessing.range;
            const index = layout === 'NCHW' ? (c * height + y) * width + x : (y * width + x) * channelCount + c;
            expected[position * length + index] =
              (low + (byte / 255) * (high - low) - preprocessing.mean[c]!) / preprocessing.std[c]!;
          }
      expect(batch).toEqual(expected);
    }),
  );
});

test('a wrong size or too little room is a defect, not a wrong tensor', () => {
  const preprocessing = presetPreprocessing('plain', { ...INPUT, height: 4, width: 4 });
  const image = picture(4, 4, () => 0);
  expect(() =>
    toTensor(
      picture(4, 5, () => 0),
      preprocessing,
      new Float32Array(60),
    ),
  ).toThrow(RangeError);
  expect(() => toTensor(image, preprocessing, new Float32Array(48), 1)).toThrow(RangeError);
});

test.each(PRESETS)('preset %s evaluates the centre 224 of 256 pixels', (preset) => {
  expect(presetPreprocessing(preset, INPUT)).toMatchObject({
    resizeShorterSide: 256,
    crop: 'centre',
    ...PREPROCESSING_PRESETS[preset],
  });
});

// Offsets by hand: half of 341 - 224 is 58.5, half of 343 - 224 is 59.5; Python rounds both to an even number.
test.each([
  [500, 375, { width: 341, height: 256, crop: { left: 58, top: 16, right: 282, bottom: 240 } }],
  [375, 500, { width: 256, height: 341, crop: { left: 16, top: 58, right: 240, bottom: 282 } }],
  [503, 375, { width: 343, height: 256, crop: { left: 60, top: 16, right: 284, bottom: 240 } }],
  [643, 480, { width: 342, height: 256, crop: { left: 59, top: 16, right: 283, bottom: 240 } }],
  [256, 256, { width: 256, height: 256, crop: { left: 16, top: 16, right: 240, bottom: 240 } }],
])('%i x %i pixels are resized to a shorter side of 256 and cropped in the middle', (width, height, geometry) => {
  expect(resizeGeometry(width, height, presetPreprocessing('imagenet', INPUT))).toEqual(geometry);
});

test('the crop lies inside the resized image, and what is visible inside the original', () => {
  const side = fc.integer({ min: 8, max: 5000 });
  const input = fc.integer({ min: 1, max: 600 });
  fc.assert(
    fc.property(side, side, input, input, fc.boolean(), (width, height, inputWidth, inputHeight, squash) => {
      const preset = presetPreprocessing('plain', { ...INPUT, width: inputWidth, height: inputHeight });
      const preprocessing = squash ? { ...preset, resizeShorterSide: null } : preset;
      const { crop, ...resized } = resizeGeometry(width, height, preprocessing);
      expect(crop.left >= 0 && crop.top >= 0 && crop.right <= resized.width && crop.bottom <= resized.height).toBe(
        true,
      );
      expect([crop.right - crop.left, crop.bottom - crop.top]).toEqual([inputWidth, inputHeight]);
      const seen = visibleRectangle(width, height, preprocessing);
      expect(seen.left >= 0 && seen.top >= 0 && seen.right <= width + 1e-9 && seen.bottom <= height + 1e-9).toBe(true);
      if (squash) expect(seen).toEqual({ left: 0, top: 0, right: width, bottom: height });
    }),
  );
});
