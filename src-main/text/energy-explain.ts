import {
  acceleratorLabel,
  cornersOf,
  machineOf,
  selfChecks,
} from '../../src-shared/energy/accelerators/accelerator.ts';
import { ACTIONS, type Action, type Machine } from '../../src-shared/energy/accelerators/machine.ts';
import { type Accelerator, FLAG_MEANINGS } from '../../src-shared/energy/accelerators/parameters.ts';
import { ENERGY_MODES, MODE_MEANINGS, MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { textTable } from './text-table.ts';

const SWITCHES: readonly (readonly [string, string])[] = [
  ['--mode', Object.values(MODE_NAMES).join(', ')],
  ['--storage unpacked', "activations are stored at the machine's word"],
  ['--storage packed', 'at the bits of their region'],
  ['--storage shapeshifter', 'at the width that groups of 16 channels need, and 4 bits to tell it'],
  ['--weights auto', 'resident where the chip has room for all of them, else from DRAM once an image'],
  [
    '--weights resident, dram',
    'where the machine has the choice; resident weights may span chips, whose links are charged',
  ],
  ['--idle-lanes gated', 'lanes without a value spend nothing: energy per action'],
  ['--idle-lanes powered', 'they spend as much as those at work: power x time'],
];

/** Parameters, dataflow, prices, self-checks and limits of an accelerator, for people and for programs. */
export function explainAccelerator(accelerator: Accelerator): { text: string; json: unknown } {
  const machine = machineOf(accelerator);
  const { prices, figures, lanes, steps } = machine;
  const checks = selfChecks(accelerator);
  const parameters = Object.entries(accelerator.parameters).map(([name, parameter]) => [
    name,
    parameter.value,
    'range' in parameter && parameter.range ? parameter.range.join(' to ') : '',
    'unit' in parameter && parameter.unit !== '1' ? parameter.unit : '',
    'nodeNanometres' in parameter ? parameter.nodeNanometres : '',
    parameter.flag,
    parameter.source,
  ]);
  const text = [
    `${acceleratorLabel(accelerator)} (${accelerator.id})\n${accelerator.citation}\n\n${accelerator.summary}`,
    section('Parameters', textTable(['name', 'value', 'range', 'unit', 'nm', 'flag', 'source'], parameters)),
    section(
      'Derived from them',
      textTable(
        ['name', 'value', 'unit', 'formula'],
        figures.map(({ name, value, unit, formula }) => [name, figure(value), unit, formula]),
      ),
    ),
    section('Lanes and cycles', lanesText(machine)),
    section(
      'Classes of access',
      textTable(
        ['class', 'how this machine serves it', 'flag', 'source'],
        Object.entries(accelerator.dataflow).map(([name, stated]) => [name, stated.text, stated.flag, stated.source]),
      ),
    ),
    section('Prices', priceTable(accelerator)),
    section(
      'Self-checks: what the parameters give against what is published',
      textTable(
        ['figure', 'given', 'published', 'unit', 'flag', 'source'],
        checks.map((check) => [
          check.figure,
          figure(check.computed),
          check.range ? check.range.join(' to ') : figure(check.published),
          check.unit,
          check.flag,
          check.source,
        ]),
      ),
    ),
    section('Modes', pairs(ENERGY_MODES.map((mode) => [MODE_NAMES[mode], MODE_MEANINGS[mode]]))),
    section('Switches', pairs(SWITCHES)),
    section(
      'Assumptions and limits',
      accelerator.notes.map((note) => `- ${note.text} [${note.flag}; ${note.source}]\n`).join(''),
    ),
    section('Flags', pairs(Object.entries(FLAG_MEANINGS))),
  ].join('\n\n');
  const dataflow = accelerator.dataflow;
  return { text, json: { accelerator, figures, lanes, steps, dataflow, prices, selfChecks: checks } };
}

function section(title: string, body: string): string {
  return `${title}\n${body.trimEnd().replace(/^/gm, '  ')}`;
}

function pairs(rows: readonly (readonly [string, string])[]): string {
  return rows.map(([name, meaning]) => `${name}: ${meaning}\n`).join('');
}

function lanesText({ lanes, steps, weightSteps, clockHertz, spreadsSingleWindow, gatesZeros }: Machine): string {
  const { windows, inputs, filters, tapsShareInputs, arrays, windowsPerWeightRead, filtersPerActivationRead } = lanes;
  const several = arrays > 1 ? `${arrays} arrays of ` : '';
  return [
    `${several}${windows} windows x ${inputs} ${tapsShareInputs ? 'inputs of any tap' : 'channels of a tap'} x ${filters} filters enter together`,
    `rounds: groups x ceil(windows / ${windows}) x ${tapsShareInputs ? `ceil(channels x taps / ${inputs})` : `taps x ceil(channels / ${inputs})`} x ceil(filters / ${filters})${arrays > 1 ? ` / ${arrays}` : ''}`,
    `steps of a round: ${STEP_MEANINGS[steps.kind]}${weightSteps === 1 ? '' : ` x ${figure(weightSteps)} of the weights`}${steps.bitsPerStep === 1 ? '' : `, over ${steps.bitsPerStep}`}`,
    ...(spreadsSingleWindow
      ? ['a single window spreads the bits of its activations over the lanes of all windows']
      : []),
    ...(gatesZeros ? ['multiplications by zero are gated: no energy, but their time'] : []),
    `a step at ${figure(clockHertz / 1e6)} MHz; utilisation: MACs / (rounds x lanes)`,
    `a weight read serves ${windowsPerWeightRead} windows, an activation read ${filtersPerActivationRead} filters`,
  ]
    .map((line) => `${line}\n`)
    .join('');
}

const STEP_MEANINGS = {
  constant: 'one, whatever the bits',
  widths: 'the bits of the activations',
  'group-widths': 'the bits that the group of activations needs',
  'crossbar-widths': 'the bits of the activations on the rows of a crossbar',
  'one-bits': 'the one-bits of the activations',
  words: "the word that holds the layer's widest activation",
  'region-words': 'the word of the position, where positions were counted by words',
} as const;

function priceTable(accelerator: Accelerator): string {
  const corners = cornersOf(accelerator);
  const { prices } = machineOf(accelerator);
  const rows = (Object.keys(ACTIONS) as Action[]).flatMap((action) =>
    Object.entries(prices[action] ?? {}).flatMap(([component, picojoules]) => {
      if (picojoules === 0) return [];
      const all = corners.map(
        (corner) => Object.entries(corner.prices[action] ?? {}).find(([name]) => name === component)![1],
      );
      const [low, high] = [Math.min(picojoules, ...all), Math.max(picojoules, ...all)];
      return [[component, figure(picojoules), low < high ? `${figure(low)} to ${figure(high)}` : '', ACTIONS[action]]];
    }),
  );
  return textTable(['component', 'price', 'range', 'unit'], rows);
}

/** Four digits. */
function figure(value: number): string {
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
    ? value.toExponential(3)
    : String(Number(value.toPrecision(4)));
}
