import { expect, test } from 'vitest';
import { checkCard, classCount, type ModelCard, type ModelSignature, parseCard } from '../../src-shared/model-card.ts';

const CARD = {
  name: 'Small',
  file: 'small.onnx',
  origin: 'drawn',
  input: {
    name: 'data',
    layout: 'NCHW',
    channels: 'RGB',
    height: 128,
    width: 128,
    resizeShorterSide: 146,
    crop: 'centre',
    range: [0, 1],
    mean: [0.5, 0.5, 0.5],
    std: [0.25, 0.25, 0.25],
  },
  output: { name: 'out', shape: ['N', 100], kind: 'logits' },
  labels: 'labels.txt',
  calibration: { percentile: 99.9, images: 50, ranges: { conv1: 3.5 } },
};
const MODEL: ModelSignature = {
  inputName: 'data',
  inputShape: [null, 3, 128, 128],
  outputName: 'out',
  outputShape: [null, 100],
};

test('a whole card passes and keeps keys it does not know, at every depth', () => {
  const card = {
    ...CARD,
    bitsTable: [1, 2],
    input: { ...CARD.input, resize: 'bicubic', colours: 'as-seen', decoding: 'fast', note: 'x' },
    output: { ...CARD.output, note: 'y' },
  };
  expect(parseCard(card, 'small.json')).toEqual(card);
});

test('a card that does not say how photos become pixels means what papers use', () => {
  const { resize, colours, decoding } = parseCard(CARD, 'small.json').input;
  expect([resize, colours, decoding]).toEqual(['bilinear', 'as-published', 'full']);
});

test.each<[string, string, unknown]>([
  ['input.mean', 'too few means', { input: { ...CARD.input, mean: [0.5] } }],
  ['input.std[1]', 'a deviation of 0', { input: { ...CARD.input, std: [1, 0, 1] } }],
  ['input.range', 'a range upside down', { input: { ...CARD.input, range: [1, 0] } }],
  ['input.resize', 'a filter nobody has', { input: { ...CARD.input, resize: 'mitchell' } }],
  ['input.layout', 'a layout nobody has', { input: { ...CARD.input, layout: 'CHWN' } }],
  ['input.channels', 'a channel order nobody has', { input: { ...CARD.input, channels: 'GBR' } }],
  ['input.height', 'a height of 2.5', { input: { ...CARD.input, height: 2.5 } }],
  ['input.width', 'a width of 0', { input: { ...CARD.input, width: 0 } }],
  ['input.resizeShorterSide', 'a resize smaller than the crop', { input: { ...CARD.input, resizeShorterSide: 100 } }],
  ['input.resizeShorterSide', 'no resize', { input: { ...CARD.input, resizeShorterSide: undefined } }],
  ['input.crop', 'a crop nobody has', { input: { ...CARD.input, crop: 'random' } }],
  ['output.kind', 'an output of another kind', { output: { name: 'out', kind: 'boxes' } }],
  ['labels', 'labels that are a number', { labels: 7 }],
  [
    'calibration.ranges.conv1',
    'a negative range',
    { calibration: { percentile: 99, images: 1, ranges: { conv1: -1 } } },
  ],
  ['input', 'no input', { input: undefined }],
])('field %s is named for %s', (field, _, change) => {
  expect(() => parseCard({ ...CARD, ...(change as object) }, 'small.json')).toThrow(
    expect.objectContaining({ code: 'card-invalid', message: expect.stringContaining(`small.json: field ${field}: `) }),
  );
});

test.each([[[]], [null], ['text'], [3]])('%j is no card', (value) => {
  expect(() => parseCard(value, 'small.json')).toThrow(expect.objectContaining({ code: 'card-invalid' }));
});

const card: ModelCard = parseCard(CARD, 'small.json');

test('a card that agrees passes; dynamic axes agree with everything', () => {
  checkCard(card, MODEL, 'small.json');
  checkCard(card, { ...MODEL, inputShape: [null, null, null, null], outputShape: [null, null] }, 'small.json');
  checkCard({ ...card, output: { name: 'out', kind: 'logits' } }, MODEL, 'small.json');
  checkCard(
    { ...card, input: { ...card.input, layout: 'NHWC' } },
    { ...MODEL, inputShape: [1, 128, 128, 3] },
    'small.json',
  );
  checkCard(card, { ...MODEL, outputShape: [1, 100, 1, 1] }, 'small.json');
});

test.each<[string, Partial<ModelSignature>]>([
  ['input.name says data, the model has image', { inputName: 'image' }],
  ['input.channels says 3, the model has 1', { inputShape: [1, 1, 128, 128] }],
  ['input.height says 128, the model has 64', { inputShape: [1, 3, 64, 128] }],
  ['input.width says 128, the model has 64', { inputShape: [1, 3, 128, 64] }],
  // The card says NCHW of an NHWC model.
  ['input.channels says 3, the model has 128', { inputShape: [1, 128, 128, 3] }],
  ['output.name says out, the model has prob', { outputName: 'prob' }],
  ['output.shape (classes) says 100, the model has 1000', { outputShape: [null, 1000] }],
])('%s', (message, change) => {
  expect(() => checkCard(card, { ...MODEL, ...change }, 'small.json')).toThrow(
    expect.objectContaining({ code: 'card-contradicts-model', message: `small.json: field ${message}` }),
  );
});

test.each([
  [[1, 1000, 1, 1], 1000],
  [[null, 10], 10],
  [[7], 7],
  [[null, null], null],
])('an output of %j has %j classes', (shape, classes) => {
  expect(classCount(shape)).toBe(classes);
});
