import { expect, test } from 'vitest';
import { durationText, figuresText, noteText } from '../../../src-main/text/work-text.ts';
import { figuresOf } from '../../../src-shared/work.ts';

test('durations are rounded up, in the unit that suits', () => {
  expect([durationText(0.2), durationText(59.5), durationText(61), durationText(12_000)]).toEqual([
    '1 s',
    '60 s',
    '2 min',
    '3 h 20 min',
  ]);
});

test('figures name the stage, count, rate, time left and failures', () => {
  const figures = figuresOf('evaluating', { done: 120, total: 250, failed: 2, rate: 41.26, secondsLeft: 3.15 });
  expect(figuresText(figures)).toBe('evaluating: 120 of 250 images, 41.3 a second, 4 s left, 2 failed');
  expect(figuresText({ ...figures, done: 250, failed: 0 })).toBe('evaluating: 250 of 250 images, 41.3 a second');
  expect(figuresText(figuresOf('opening-model', { subject: 'net' }))).toBe('opening net');
  expect(figuresText(figuresOf('counting-up'))).toBe('counting up');
  expect(figuresText(figuresOf('finding-images', { done: 1200 }))).toBe('looking for images: 1200 images');
  expect(figuresText(figuresOf('searching', { subject: '8-4-4', done: 3, total: 9 }))).toBe(
    'searching (best so far 8-4-4): 3 of 9 images',
  );
  const bytes = { subject: 'vgg16', done: 12.3e6, total: 554e6, rate: 8.1e6, secondsLeft: 66.9 };
  expect(figuresText(figuresOf('downloading', bytes))).toBe('vgg16: 12.3 MB of 554 MB, 8.10 MB a second, 2 min left');
});

test('notes are sentences about what was assumed or left out', () => {
  expect(noteText({ note: 'preset-assumed', model: 'net.onnx', preset: 'imagenet' })).toBe(
    'net.onnx has no card: preprocessing preset "imagenet" is assumed',
  );
  expect(noteText({ note: 'unlabelled-left-out', images: 3, remaining: 9 })).toBe(
    '3 images without a label are left out, 9 remain',
  );
  expect(noteText({ note: 'maps-changed', edited: ['a.jpg', 'b.jpg'], gone: ['c.jpg'] })).toBe(
    'importance maps have changed since the run began: 2 images with another one (a.jpg, b.jpg); 1 image without (c.jpg); results that are there stay, of these images no more are made',
  );
  expect(noteText({ note: 'no-labels', folder: '/data/photos' })).toContain('photos: no labels');
});
