import type { PreprocessingPreset } from '../src-shared/preprocessing.ts';

/** Ways to prepare images, as people read them. */
export const PRESET_NAMES: Readonly<Record<PreprocessingPreset, string>> = {
  imagenet: 'ImageNet, RGB',
  caffe: 'Caffe mean, BGR',
  tensorflow: '−1 … 1, RGB',
  plain: '0 … 1, no mean',
  bytes: '0 … 255, RGB',
  'bytes-bgr': '0 … 255, BGR',
};
