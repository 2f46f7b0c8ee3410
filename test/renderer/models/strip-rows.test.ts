import { expect, test } from 'vitest';
import type { LoadReport } from '../../../src-shared/contract/models.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { histogramPath, stripRows } from '../../../src-renderer/models/strip-rows.ts';
import { LAYERS } from '../fake-host.ts';

const REPORT: LoadReport = {
  path: '/net.onnx',
  bytes: 1,
  opset: 13,
  signature: { inputName: 'image', inputShape: [1, 3, 224, 224], outputName: 'scores', outputShape: [1, 10] },
  hasCard: false,
  preset: 'imagenet',
  input: {
    name: 'image',
    layout: 'NCHW',
    channels: 'RGB',
    height: 224,
    width: 224,
    resizeShorterSide: 256,
    resize: 'bilinear',
    colours: 'as-published',
    decoding: 'full',
    crop: 'centre',
    range: [0, 1],
    mean: [0, 0, 0],
    std: [1, 1, 1],
  },
  outputKind: 'logits',
  labelSource: null,
  licence: null,
  accuracy: null,
  steps: [
    { kind: 'layer', name: 'conv1', unsigned: false, operator: 'Conv 3×3' },
    { kind: 'passed', op: 'Relu' },
    { kind: 'passed', op: 'MaxPool' },
    { kind: 'passed', op: 'Relu' },
    { kind: 'left-out', name: 'pool/query' },
    { kind: 'layer', name: 'fire2/squeeze', unsigned: true, operator: 'Conv 1×1' },
  ],
  readsImage: [true, false, false, false],
  tensorOfLayer: [0, 1, 2, 3],
  calibration: { percentile: 99.99, images: 3, ranges: { conv1: 2.5, 'fire2/squeeze': 4 } },
  histograms: null,
};
const LEFT_OUT = [{ name: 'pool/query', op: 'Einsum', macs: 5e6, why: 'a product written as Einsum' }];

test('layers and what is left out have rows of their own, what passes between them shares one', () => {
  const rows = stripRows(REPORT, { layers: LAYERS, leftOut: LEFT_OUT }, resolvePlan({ bits: [4, 2] }), null);
  expect(rows.map((row) => [row.kind, row.kind === 'passed' ? row.text : row.name])).toEqual([
    ['layer', 'conv1'],
    ['passed', 'Relu ×2, MaxPool'],
    ['left-out', 'pool/query'],
    ['layer', 'fire2/squeeze'],
  ]);
  // The image keeps its 8 bits; levels come the highest first.
  expect(rows[0]).toMatchObject({ bits: [8, 8], range: 2.5, shape: '3×224² → 64×112²' });
  expect(rows[3]).toMatchObject({ bits: [4, 2], unsigned: true });
  expect(rows[2]).toMatchObject({ macs: 5e6, why: 'a product written as Einsum' });
});

test('a histogram is an area that begins and ends on its ground', () => {
  const path = histogramPath({ largest: 2, zeroShare: 0, counts: [10, 0], magnitudes: [] }, 20, 10);
  expect(path).toBe('M0 10V1.0H10.0V10.0H20.0V10Z');
});
