import { acceleratorLabel, machineOf } from '../../src-shared/energy/accelerators/accelerator.ts';
import { COMPONENTS, holds, type PriceList } from '../../src-shared/energy/accelerators/machine.ts';
import type { Accelerator, Flag } from '../../src-shared/energy/accelerators/parameters.ts';
import { textTable } from './text-table.ts';

const FLAG_MEANINGS: Readonly<Record<Flag, string>> = {
  printed: 'in the paper itself',
  secondary: "from the authors' simulator, a survey or a later paper",
  derived: 'worked out from printed or secondary figures',
  unconfirmed: 'widely quoted, not confirmed against the paper: an example only',
};

/** Parameters, derivations, prices, self-checks and limits of an accelerator, for people and for programs. */
export function explainAccelerator(accelerator: Accelerator): { text: string; json: unknown } {
  const { prices, derivations, selfChecks } = machineOf(accelerator);
  const checks = selfChecks.map((check) => ({ ...check, holds: holds(check) }));
  const parameters = Object.entries(accelerator.parameters).map(([name, parameter]) => [
    name,
    parameter.value,
    'unit' in parameter && parameter.unit !== '1' ? parameter.unit : '',
    'nodeNanometres' in parameter ? parameter.nodeNanometres : '',
    parameter.flag,
    parameter.source,
  ]);
  const text = [
    `${acceleratorLabel(accelerator)} (${accelerator.id})\n${accelerator.citation}\n\n${accelerator.summary}`,
    section('Parameters', textTable(['name', 'value', 'unit', 'nm', 'flag', 'source'], parameters)),
    section(
      'Derived from them',
      textTable(
        ['name', 'value', 'unit', 'formula'],
        derivations.map(({ name, value, unit, formula }) => [name, figure(value), unit, formula]),
      ),
    ),
    section('Prices', priceTable(prices)),
    section(
      'Self-checks: what the parameters give against what is published',
      textTable(
        ['figure', 'given', 'published', 'unit', 'verdict', 'flag', 'source'],
        checks.map((check) => [
          check.name,
          figure(check.computed),
          figure(check.expected),
          check.unit,
          check.holds ? 'agrees' : 'DIFFERS',
          check.flag,
          check.source,
        ]),
      ),
    ),
    section(
      'Assumptions and limits',
      accelerator.notes.map((note) => `- ${note.text} [${note.flag}; ${note.source}]\n`).join(''),
    ),
    section(
      'Flags',
      Object.entries(FLAG_MEANINGS)
        .map(([flag, meaning]) => `${flag}: ${meaning}\n`)
        .join(''),
    ),
  ].join('\n\n');
  return { text, json: { accelerator, derivations, prices, selfChecks: checks } };
}

function section(title: string, body: string): string {
  return `${title}\n${body.trimEnd().replace(/^/gm, '  ')}`;
}

function priceTable(prices: PriceList): string {
  const rows = COMPONENTS.flatMap((component) =>
    (
      [
        ['perMacStep', 'pJ per MAC and serial step'],
        ['perMac', 'pJ per MAC, whatever the bits'],
        ['perMacStoredBit', 'pJ per MAC and stored activation bit (16 a value unless packed)'],
        ['perWeight', 'pJ per weight'],
        ['perInputValue', "pJ per value of the network's input"],
      ] as const
    ).flatMap(([count, unit]) => {
      const price = prices[count][component];
      return price ? [[component as string, figure(price), unit]] : [];
    }),
  );
  if (prices.perMetadataBit > 0) {
    rows.push(['metadata', figure(prices.perMetadataBit), 'pJ per bit moved: written once, read with its value']);
    rows.push(['', String(prices.metadataBitsPerGroup), 'bits per 16 values with a width of their own']);
    rows.push(['', String(prices.metadataBitsPerExponent), 'bits per position with a range of its own']);
  }
  rows.push(['cycles', figure(prices.cyclesPerMacStep), `per MAC and step, at ${figure(prices.clockHertz / 1e6)} MHz`]);
  return textTable(['component', 'price', 'unit'], rows);
}

/** Four digits. */
function figure(value: number): string {
  return value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e6)
    ? value.toExponential(3)
    : String(Number(value.toPrecision(4)));
}
