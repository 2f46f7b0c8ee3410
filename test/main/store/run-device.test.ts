import { expect, test } from 'vitest';
import { deviceOf, runModelOf, settingsSha256 } from '../../../src-main/store/run-model.ts';
import { tinyModel } from '../fake-bench.ts';

const opened = tinyModel({ path: '/tiny.onnx' });

test('settings of the CPU have no name of it: digests from before there was another device stay', () => {
  const { settings } = runModelOf('tiny', opened, null);
  expect(Object.keys(settings)).toEqual(['preprocessing', 'outputKind', 'ranges']);
  expect(settingsSha256(runModelOf('tiny', opened, null, { device: 'cpu' }).settings)).toBe(settingsSha256(settings));
  expect(deviceOf(settings)).toBe('cpu');
});

test('another device is among them, and one that nobody here knows says so', () => {
  const { settings } = runModelOf('tiny', opened, null, { device: 'webgpu' });
  expect(deviceOf(settings)).toBe('webgpu');
  expect(settingsSha256(settings)).not.toBe(settingsSha256(runModelOf('tiny', opened, null).settings));
  expect(() => deviceOf({ ranges: null, device: 'tpu' })).toThrow(expect.objectContaining({ code: 'store-newer' }));
});
