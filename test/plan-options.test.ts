import { Command } from 'commander';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { commandLine } from '../src-renderer/plan/command-line.ts';
import { planOptions, settingsOfOptions } from '../src-renderer/plan/plan-settings.ts';
import { declarePlanOptions, planOptionsOf } from '../src-main/commands/command-line.ts';
import { readGrid, readPlans } from '../src-main/datasets/plan-file.ts';
import {
  type OptionDescription,
  PLAN_OPTION_NAMES,
  PLAN_OPTIONS,
  type PlanOptionName,
  type PlanOptions,
} from '../src-shared/precision/plan-option-table.ts';
import { planOptionsSchema } from '../src-shared/precision/plan-options.ts';
import { planText } from '../src-shared/precision/plan-text.ts';
import { resolvePlan } from '../src-shared/precision/precision-plan.ts';
import { temporaryFolder } from './main/temporary-folder.ts';

/** A value of each option that is not its default, with what it needs beside it. A new option must be given one here. */
const EXAMPLES: { readonly [Name in PlanOptionName]: Required<Pick<PlanOptions, Name>> & PlanOptions } = {
  metric: { metric: 'inverse:gradient' },
  combinedWeights: { combinedWeights: [0.5, 0.25, 0.25, 0] },
  saliencyBits: { saliencyBits: 3, metric: 'saliency' },
  saliencyFrom: { saliencyFrom: 'previous', metric: 'saliency' },
  regions: { regions: 7 },
  lowShare: { lowShare: 0.5 },
  window: { window: 5, metric: 'sensitivity' },
  threshold: { threshold: [0.2, 0.6], bits: [6, 4, 2] },
  bits: { bits: [6, 4, 2] },
  layerBits: { layerBits: { conv1: 8, conv2: [5, 3] } },
  inputBits: { inputBits: 6 },
  range: { range: 'layer' },
  block: { block: 32, range: 'block' },
  blockScale: { blockScale: 'e4m3', range: 'block' },
  blockFloor: { blockFloor: 0.125, range: 'block' },
  powerOfTwo: { powerOfTwo: true },
  quantiser: { quantiser: 'log' },
  weightBits: { weightBits: 3, quantiser: 'log' },
  seed: { seed: 7, metric: 'random' },
};

function without(options: PlanOptions, name: PlanOptionName): PlanOptions {
  return Object.fromEntries(Object.entries(options).filter(([other]) => other !== name));
}

describe.each(PLAN_OPTION_NAMES)('the plan option %s', (name) => {
  const options: PlanOptions = EXAMPLES[name];
  const plan = resolvePlan(options);
  const { flag } = PLAN_OPTIONS[name];
  const write = () =>
    temporaryFolder({
      'layer-bits.json': JSON.stringify(options.layerBits ?? {}),
      'plan.json': JSON.stringify(options),
      'grid.json': JSON.stringify(Object.fromEntries(Object.entries(options).map(([key, value]) => [key, [value]]))),
      'wrong.json': '{"depth": 3}',
    });

  test('tells its default in its help', () => {
    const row: OptionDescription = PLAN_OPTIONS[name];
    if (row.default === undefined || row.default === false) return;
    expect(row.help).toContain(`default ${String(row.default)}`);
  });

  test('makes another plan, and other words for it', () => {
    expect(plan).not.toEqual(resolvePlan(without(options, name)));
    expect(planText(plan)).not.toBe(planText(resolvePlan(without(options, name))));
  });

  test('is read from the command line, as the view writes it', async () => {
    const settings = settingsOfOptions(options);
    const files = write();
    const line = commandLine('photo.jpg', 'model', settings);
    expect(line).toContain(` ${flag.split(' ')[0]}`);
    const words = line.split(' ').slice(line.split(' ').indexOf('model') + 1);
    const command = declarePlanOptions(new Command()).exitOverride().parse(words, { from: 'user' });
    const { layerBits, ...flags } = command.opts();
    const read = await planOptionsOf(layerBits ? { ...flags, layerBits: join(files, layerBits) } : flags);
    expect(resolvePlan(read)).toEqual(plan);
    expect(name in read).toBe(true);
  });

  test('is read from plan files and grids, and named where one is wrong', async () => {
    const files = write();
    expect(await readPlans(join(files, 'plan.json'), {})).toEqual([plan]);
    expect(await readGrid(join(files, 'grid.json'), {})).toEqual([plan]);
    await expect(readPlans(join(files, 'wrong.json'), {})).rejects.toMatchObject({
      next: expect.stringMatching(new RegExp(`\\b${name}\\b`)),
    });
  });

  test('passes between page and machine', () => {
    expect(planOptionsSchema.parse(options)).toEqual(options);
    expect(planOptionsSchema.safeParse({ ...options, [name]: null }).success).toBe(false);
  });

  test('is kept by the settings of the view', () => {
    expect(resolvePlan(planOptions(settingsOfOptions(options)))).toEqual(plan);
  });

  test('has a default that is the plan of who does not state it', () => {
    const description = PLAN_OPTIONS[name];
    if (!('default' in description)) return;
    const needed = without(options, name);
    const stated = resolvePlan({ ...needed, [name]: description.default });
    expect(stated).toEqual(resolvePlan(needed));
  });
});

test('help names the options in one order, with their ranges and defaults', () => {
  const command = declarePlanOptions(new Command('fovea'));
  expect(
    command
      .createHelp()
      .visibleOptions(command)
      .slice(0, -1)
      .map(({ flags, description }) => `${flags}: ${description}`),
  ).toEqual([
    '--metric <name>: combined, gradient, entropy, interest, saliency, given, centre, random, uniform, sensitivity, outliers, or inverse:<metric> (default combined)',
    '--combined-weights <g,e,i,c>: what metric combined sums: gradient, entropy, interest, centre (shares; default 0.2,0.15,0.15,0.5)',
    '--saliency-bits <b>: bits of the pass that metric saliency takes its map from, charged in full (1..16; default 4)',
    '--saliency-from <source>: where the map of metric saliency comes from: pass, over the image itself; previous, the run on the frame before it in its folder (default pass)',
    '--regions <r>: cells along each side of the grid (1..128; default 14)',
    '--low-share <s>: share of the area at the lowest level (0..1; default 0.25)',
    '--window <k>: positions along each side of the mean filter of metric sensitivity, and of a patch of metric outliers (1, 3, 5, 7; default 3)',
    '--threshold <t>: importance below which a region is low (0..1), instead of a share; under more than two levels, one for each two neighbours, ascending: 0.2,0.6',
    '--bits <high,..,low>: bits (0..16) from the most to the least important level (default 4,3)',
    '--layer-bits <file>: JSON: bits of single layers, { "layer": 4, "other": [5, 3] }',
    '--input-bits <b>: bits of the layers that read the image itself (default 8, or more if --bits has more)',
    '--range <mode>: position: one range per position; layer: one calibrated range per layer; block: one per block of channels and position (default position)',
    '--block <channels>: channels of a block with --range block (16 or 32; default 16)',
    '--block-scale <format>: how the scale of a block is kept: exact, power-of-two (OCP MX) or e4m3 (as NVFP4; default exact)',
    "--block-floor <share>: least range of a block, as a share of its position's (0..1; default 0)",
    '--power-of-two: round steps up to powers of two (range position)',
    '--quantiser <name>: linear, or log (weighted entropy, with range layer; default linear)',
    '--weight-bits <b>: bits that weights are clustered to with --quantiser log (1..8; default 5)',
    '--seed <n>: seed of the random metric (default 1)',
  ]);
});

test.each(PLAN_OPTION_NAMES)('help tells the default of %s, where it has one of its own', (name) => {
  const description = PLAN_OPTIONS[name];
  const told = /default ([^;)]*)\)$/.exec(description.help)?.[1];
  if (told !== undefined && 'default' in description) expect(told).toBe(String(description.default));
});
