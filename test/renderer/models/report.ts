import type { LoadReport } from '../../../src-shared/contract/models.ts';
import { LAYERS } from '../fake-host.ts';

/** What is known of the small network, which has a card and is calibrated. */
export const REPORT: LoadReport = {
  path: '/models/tiny.onnx',
  bytes: 1e6,
  opset: 13,
  signature: { inputName: 'data', inputShape: [1, 3, 224, 224], outputName: 'prob', outputShape: [1, 1000] },
  hasCard: true,
  preset: null,
  input: {
    name: 'data',
    layout: 'NCHW',
    channels: 'RGB',
    height: 224,
    width: 224,
    resizeShorterSide: 256,
    crop: 'centre',
    resize: 'bilinear',
    colours: 'as-published',
    decoding: 'full',
    range: [0, 1],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  },
  outputKind: 'probabilities',
  labelSource: null,
  licence: 'MIT',
  accuracy: null,
  steps: LAYERS.flatMap(({ name }) => [
    { kind: 'layer', name, unsigned: true, operator: 'Conv 3×3' } as const,
    { kind: 'passed', op: 'Relu' } as const,
  ]),
  readsImage: LAYERS.map((_, index) => index === 0),
  tensorOfLayer: LAYERS.map((_, index) => index),
  calibration: { percentile: 99.99, images: 500, ranges: Object.fromEntries(LAYERS.map(({ name }) => [name, 12.345])) },
  histograms: null,
};
