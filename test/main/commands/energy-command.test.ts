import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runEnergy } from '../../../src-main/commands/energy-command.ts';
import type { EnergyCommandOptions } from '../../../src-main/commands/energy-options.ts';
import { builtinAccelerators } from '../../../src-shared/energy/accelerators/builtin.ts';
import { ACCESS_CLASSES } from '../../../src-shared/energy/accelerators/parameters.ts';
import { describedNetwork } from '../../../src-shared/energy/networks.ts';
import { fakeBench, heardWork, tinyModel } from '../fake-bench.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const resultSchema = z.object({
  subject: z.object({ id: z.string(), macs: z.number(), parameters: z.number().nullable() }),
  layers: z.array(
    z.object({
      name: z.string(),
      op: z.string(),
      bits: z.number(),
      utilisation: z.record(z.string(), z.number()),
    }),
  ),
  storage: z.string(),
  weights: z.string(),
  idleLanes: z.string(),
  energy: z.array(
    z.object({
      accelerator: z.string(),
      mode: z.string(),
      computePicojoules: z.number(),
      totalPicojoules: z.number(),
      savedVs8bit: z.number(),
      totalSavedVs8bit: z.number(),
      savedVs16bitParallel: z.number().nullable(),
      utilisation: z.number(),
      weightsFrom: z.enum(['resident', 'dram']),
      components: z.record(z.string(), z.number()),
    }),
  ),
  notPriced: z.array(z.object({ accelerator: z.string(), mode: z.string(), reason: z.string() })),
  notes: z.array(z.string()),
});

function energyOf(options: EnergyCommandOptions) {
  const bench = fakeBench(temporaryFolder(), {
    open: ({ model }) => ({ ...tinyModel(model), layers: describedNetwork('squeezenet1.1').layers }),
  });
  return runEnergy([], options, bench, { work: heardWork() });
}

async function run(options: EnergyCommandOptions) {
  const { text, json } = await energyOf(options);
  return { text: String(text), result: resultSchema.parse(JSON.parse(JSON.stringify(json))) };
}

async function explain(accelerator: string) {
  return (await energyOf({ explain: accelerator })).text;
}

describe('fovea energy', () => {
  it('prices a published profile of VGG-19 on Stripes and says that it is unconfirmed', async () => {
    const bits = '12-12-12-11-12-10-11-11-13-12-13-13-13-13-13-13';
    const { text, result } = await run({ network: 'vgg19', accelerator: ['stripes'], profile: bits });
    const named = await run({ network: 'vgg19', accelerator: ['stripes'], profile: 'stripes-vgg19-100' });
    expect(named.result.energy).toEqual(result.energy);
    expect(named.text).toContain('example, unconfirmed');
    expect(text).not.toContain('unconfirmed');
    expect(result.layers.map((layer) => layer.bits)).toEqual([...bits.split('-').map(Number), 16, 16, 16]);

    // 1.22 x P / 16 of the baseline's compute energy, weighted by MACs.
    const { layers, macs } = describedNetwork('vgg19');
    const mean = layers.reduce((sum, layer, k) => sum + layer.macs * result.layers[k]!.bits, 0) / macs;
    expect(result.energy[0]!.savedVs16bitParallel).toBeCloseTo(1 - (1.22 * mean) / 16, 9);
    expect(result.energy[0]!.savedVs8bit).toBeCloseTo(1 - mean / 8, 9);
  });

  it('gives the layers a profile does not reach the bits asked for', async () => {
    const { result } = await run({ network: 'alexnet-bvlc', profile: '9-8-5-5-7', bits: 10 });
    expect(result.layers.map(({ bits }) => bits)).toEqual([9, 8, 5, 5, 7, 10, 10, 10]);
  });

  it("gives GoogLeNet's modules one width each", async () => {
    const { result } = await run({ network: 'googlenet', profile: 'stripes-googlenet-100' });
    const bitsOf = (prefix: string) => [
      ...new Set(result.layers.filter(({ name }) => name.startsWith(prefix)).map(({ bits }) => bits)),
    ];
    expect(bitsOf('conv1')).toEqual([10]);
    expect(bitsOf('conv2')).toEqual([8]);
    expect(bitsOf('inception3a')).toEqual([10]);
    expect(bitsOf('inception5b')).toEqual([7]);
    expect(bitsOf('classifier')).toEqual([16]);
  });

  it('prices all accelerators at 8 bits by default', async () => {
    const { text, result } = await run({ network: 'vgg16' });
    const idsOf = (list: readonly { readonly accelerator: string }[]) =>
      new Set(list.map(({ accelerator }) => accelerator));
    expect(idsOf(result.notPriced)).toEqual(new Set(['pragmatic', 'laconic']));
    expect(idsOf([...result.energy, ...result.notPriced])).toEqual(new Set(builtinAccelerators().map(({ id }) => id)));
    expect(text).toMatch(/Not priced: Bit-Pragmatic .*one-bits/);
    expect(text).toContain('Dynamic Stripes, Loom: every group is taken to need all its bits');
    expect(result.subject).toMatchObject({ id: 'vgg16', macs: 15_470_264_320, parameters: 138_357_544 });
    for (const estimate of result.energy) expect(estimate.savedVs8bit).toBe(0);
  });

  it('prices Pragmatic from a published share of one-bits, marked unconfirmed, where a paper gives one', async () => {
    const { text, result } = await run({ network: 'vgg19', bits: 8, accelerator: ['pragmatic'] });
    expect(result.energy.map(({ mode }) => mode)).toEqual(['ideal']);
    // 2.03 x (0.165 x 8 steps) / 16 of the baseline.
    expect(result.energy[0]!.savedVs16bitParallel).toBeCloseTo(1 - (2.03 * 0.165 * 8) / 16, 9);
    expect(text).toMatch(/Bit-Pragmatic, example, unconfirmed: 0\.165/);
    const other = await run({ network: 'vgg19', bits: 7, accelerator: ['pragmatic'] });
    expect(other.result.energy).toEqual([]);
    expect(other.text).toContain('No accelerator can be priced');
  });

  it('saves on Stripes, SqueezeNet 1.1 at 4 bits, 43 % of the chip or 19 %, by where the weights lie, and says which', async () => {
    const stripes = async (options: EnergyCommandOptions) => {
      const { text, result } = await run({ network: 'squeezenet1.1', accelerator: ['stripes'], ...options });
      return { text, result, lockstep: result.energy.find(({ mode }) => mode === 'lockstep')! };
    };
    const resident = await stripes({ bits: 4 });
    expect(resident.lockstep).toMatchObject({ weightsFrom: 'resident' });
    expect(resident.lockstep.totalSavedVs8bit).toBeCloseTo(0.429, 3);
    expect(resident.text).toMatch(/Stripes +lock-step .* resident .* 42\.9 %/);
    const dram = await stripes({ bits: 4, weights: 'dram' });
    expect(dram.lockstep).toMatchObject({ weightsFrom: 'dram' });
    expect(dram.lockstep.totalSavedVs8bit).toBeCloseTo(0.193, 3);
    expect(dram.text).toMatch(/Stripes +lock-step .* DRAM .* 19\.3 %/);
    const at8 = await stripes({ bits: 8 });
    expect(at8.lockstep.utilisation).toBeCloseTo(0.267, 3);
    expect(at8.text).toContain('26.7 %');
    expect(at8.result.layers[0]!.utilisation['stripes']).toBeCloseTo(0.0468, 4);
  });

  it('shows lock-step, all modes to programs, and one mode to both where it is named', async () => {
    const modes = async (mode?: 'ideal' | 'all') => {
      const { text, result } = await run({ network: 'alexnet', accelerator: ['isaac'], ...(mode ? { mode } : {}) });
      const shown = ['ideal', 'compacted', 'lock-step'].filter((name) => new RegExp(`ISAAC +${name} `).test(text));
      return [shown, result.energy.map((estimate) => estimate.mode)];
    };
    expect(await modes()).toEqual([['lock-step'], ['ideal', 'compacted', 'lockstep']]);
    expect(await modes('all')).toEqual([
      ['ideal', 'compacted', 'lock-step'],
      ['ideal', 'compacted', 'lockstep'],
    ]);
    expect(await modes('ideal')).toEqual([['ideal'], ['ideal']]);
  });

  it('takes switches of storage and of idle lanes', async () => {
    const stripes = async (options: EnergyCommandOptions) =>
      (await run({ network: 'squeezenet1.1', bits: 4, accelerator: ['stripes'], mode: 'lockstep', ...options })).result;
    const plain = await stripes({});
    expect(plain).toMatchObject({ storage: 'unpacked', weights: 'auto', idleLanes: 'gated' });
    const packed = await stripes({ storage: 'packed' });
    expect(packed.energy[0]!.components['activations']! / plain.energy[0]!.components['activations']!).toBeCloseTo(
      1 / 4,
      9,
    );
    const powered = await stripes({ idleLanes: 'powered' });
    expect(powered.energy[0]!.computePicojoules / plain.energy[0]!.computePicojoules).toBeCloseTo(3.75, 2);
  });

  it('prices a model by the layers it is given', async () => {
    const { text, result } = await run({ model: 'mine.onnx', bits: 4 });
    expect(result.subject).toMatchObject({ id: 'mine.onnx', macs: 349_151_936, parameters: null });
    expect(text).toContain('mine.onnx');
    const stripes = result.energy.find(({ accelerator }) => accelerator === 'stripes')!;
    expect(stripes.savedVs8bit).toBeCloseTo(0.5, 12);
  });

  it("takes the choice of ISAAC's ADC", async () => {
    const adc = async (options: EnergyCommandOptions) =>
      (await run({ network: 'vgg16', accelerator: ['isaac'], ...options })).result.energy[0]!.components['adc']!;
    const plain = await adc({});
    expect((await adc({ adcBits: 6 })) / plain).toBeCloseTo(0.75, 9);
    expect((await adc({ adcBits: 6, adcLaw: 'isaac' })) / plain).toBeCloseTo(0.719, 3);
    expect((await adc({ adcBits: 4, adcLaw: 'exponential' })) / plain).toBeCloseTo(1 / 16, 9);
  });

  it.each([
    [{}, 'bad-argument', 'exactly one of --network and --model'],
    [{ network: 'vgg16', model: 'x' }, 'bad-argument', 'exactly one of --network and --model'],
    [{ network: 'lenet' }, 'network-unknown', 'lenet'],
    [{ network: 'vgg16', bits: 17 }, 'bad-argument', '--bits 17'],
    [
      { network: 'vgg16', profile: '8-8-8' },
      'profile-wrong-length',
      'has 3 bit widths; expected 16 (all layers) or 13 (convolutions)',
    ],
    [{ network: 'googlenet', profile: '8-8' }, 'profile-wrong-length', '11 (groups of convolutions)'],
    [{ network: 'vgg16', profile: '8-x' }, 'bad-argument', '8-x'],
    [{ network: 'vgg16', profile: '8-17' }, 'bad-argument', '8-17'],
    [{ network: 'vgg16', accelerator: ['quantum'] }, 'accelerator-unknown', 'quantum'],
    [{ network: 'vgg16', accelerator: ['stripes'], adcLaw: 'linear' }, 'bad-argument', 'need ISAAC'],
    [{ network: 'vgg16', adcLaw: 'cubic' }, 'bad-argument', 'linear, isaac, square, exponential'],
    [{ network: 'vgg16', adcBits: 9 }, 'bad-argument', '--adc-bits 9'],
  ] as const)('refuses %j', async (options, code, message) => {
    await expect(run(options)).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
  });

  it('finds a unit for a machine that computes nothing', async () => {
    const { text, result } = await run({ network: 'alexnet', bits: 0, accelerator: ['stripes'] });
    expect(result.energy.map(({ computePicojoules }) => computePicojoules)).toEqual([0, 0, 0]);
    // All of it moves weights: 61,090,496 of 16 bits at 30.47 pJ from DRAM, 29.8 mJ, and little beside it.
    expect(text).toMatch(/compute mJ +total mJ/);
    expect(text).toMatch(/Stripes +lock-step +0\.00 +30\.03 /);
  });

  it('lays its tables out in columns', async () => {
    const { text } = await run({ network: 'vgg16', bits: 4 });
    const [header, ...rows] = text.split('\n\n')[1]!.split('\n');
    const end = header!.indexOf('total mJ') + 'total mJ'.length;
    // Two need one-bits.
    expect(rows).toHaveLength(10);
    for (const row of rows) expect(row.slice(0, end)).toMatch(/\d\.\d\d$/);
  });
});

describe('fovea energy --explain', () => {
  it.each(builtinAccelerators().map(({ id }) => id))('shows where every number of %s comes from', async (id) => {
    const text = await explain(id);
    for (const part of [
      'Parameters',
      'Derived from them',
      'Lanes and cycles',
      'Classes of access',
      'Prices',
      'Modes',
      'Switches',
      'Self-checks',
      'Assumptions and limits',
      'Flags',
    ])
      expect(text).toContain(part);
    for (const name of [...ACCESS_CLASSES, '--storage packed', '--idle-lanes powered', 'lock-step'])
      expect(text).toContain(name);
  });

  it('shows the self-checks with what was computed', async () => {
    const text = await explain('isaac');
    for (const figure of ['329.8', '55.41', '65.81', '41.29', '627.4', '2.684', '3.188', '0.3906', '0.4902'])
      expect(text).toContain(figure);
    expect(await explain('pragmatic')).toContain('example, unconfirmed');
  });
});
