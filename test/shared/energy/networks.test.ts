import { describe, expect, it } from 'vitest';
import { parseNetwork } from '../../../src-shared/energy/network-description.ts';
import { describedNetwork, NETWORK_IDS } from '../../../src-shared/energy/networks.ts';

/** MACs as derived from published geometry, parameters as torchvision reports them. */
const PUBLISHED: Readonly<Record<string, readonly [macs: number, parameters: number | null]>> = {
  alexnet: [714_188_480, 61_100_840],
  'alexnet-bvlc': [724_406_816, null],
  vgg16: [15_470_264_320, 138_357_544],
  vgg19: [19_632_062_464, 143_667_240],
  resnet18: [1_814_073_344, 11_689_512],
  'resnet50-v1.5': [4_089_184_256, 25_557_032],
  'resnet50-v1': [3_857_973_248, 25_557_032],
  'googlenet-torchvision': [1_498_376_192, 6_624_904],
  googlenet: [1_582_671_872, null],
  'squeezenet1.0': [818_924_576, 1_248_424],
  'squeezenet1.1': [349_151_936, 1_235_496],
  mobilenetv2: [300_774_272, 3_504_872],
};

describe('described networks', () => {
  it('are the published ones', () => expect([...NETWORK_IDS].sort()).toEqual(Object.keys(PUBLISHED).sort()));

  it.each(Object.entries(PUBLISHED))('%s has its published MACs and parameters', (id, [macs, parameters]) => {
    const network = describedNetwork(id);
    expect(network.macs).toBe(macs);
    if (parameters !== null) expect(network.parameters).toBe(parameters);
  });

  it('has the published MACs of each VGG layer', () => {
    const macs = Object.fromEntries(describedNetwork('vgg19').layers.map((layer) => [layer.name, layer.macs]));
    const expected: Record<string, number> = { conv1_1: 86_704_128, fc6: 102_760_448, fc7: 16_777_216, fc8: 4_096_000 };
    for (const name of ['1_2', '2_2', '3_2', '3_3', '3_4', '4_2', '4_3', '4_4'])
      expected[`conv${name}`] = 1_849_688_064;
    for (const name of ['2_1', '3_1', '4_1']) expected[`conv${name}`] = 924_844_032;
    for (const name of ['5_1', '5_2', '5_3', '5_4']) expected[`conv${name}`] = 462_422_016;
    expect(macs).toEqual(expected);
    const convolutions = (id: string) =>
      describedNetwork(id).layers.reduce((sum, { op, macs }) => (op === 'Conv' ? sum + macs : sum), 0);
    expect(convolutions('vgg16')).toBe(15_346_630_656);
    expect(convolutions('vgg19')).toBe(19_508_428_800);
  });

  it('has the published MACs of each BVLC AlexNet layer', () => {
    expect(describedNetwork('alexnet-bvlc').layers.map(({ macs }) => macs)).toEqual([
      105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192, 37_748_736, 16_777_216, 4_096_000,
    ]);
  });

  it('names the valid ids when one is unknown', () => {
    expect(() => describedNetwork('lenet')).toThrow(/lenet/);
  });
});

describe('parseNetwork', () => {
  const network = (layers: readonly unknown[]) => ({
    id: 'x',
    name: 'X',
    source: 'test',
    input: [3, 8, 8],
    parametersPerFilter: 1,
    layers,
  });

  it.each([
    ['reads before described', [{ conv: 'a', filters: 4, kernel: 1, from: 'b' }], /"b" is read before/],
    [
      'two of one name',
      [
        { conv: 'a', filters: 4, kernel: 1 },
        { conv: 'a', filters: 4, kernel: 1 },
      ],
      /two nodes are called "a"/,
    ],
    ['a kernel beyond the input', [{ conv: 'a', filters: 4, kernel: 9 }], /leaves nothing/],
    ['groups that do not divide', [{ conv: 'a', filters: 4, kernel: 1, groups: 2 }], /2 groups do not divide 3/],
    ['an unknown node', [{ convolve: 'a' }], /layers\[0\]/],
  ])('refuses %s', (_what, layers, message) => {
    expect(() => parseNetwork(network(layers), 'x.json')).toThrow(message);
  });
});
