import { machineOf, parseAccelerator, UNCONFIRMED } from '../../src-shared/energy/accelerators/accelerator.ts';
import { ADC_LAWS } from '../../src-shared/energy/accelerators/adc-laws.ts';
import type { Accelerator } from '../../src-shared/energy/accelerators/parameters.ts';
import type { StepRuleKind } from '../../src-shared/energy/accelerators/steps.ts';
import { type EnergyReport, layerUtilisations } from '../../src-shared/energy/energy.ts';
import { price } from '../../src-shared/energy/price-order.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { leftOutText } from '../../src-shared/left-out-text.ts';
import { macWeightedBits, type LayerCounts, type LeftOutLayer } from '../../src-shared/measurement.ts';
import type { NetworkLayer, OneBitShare } from '../../src-shared/energy/network-description.ts';
import { describedNetwork } from '../../src-shared/energy/networks.ts';
import { MAX_BITS } from '../../src-shared/precision/precision-plan.ts';
import {
  countsAtBits,
  parseProfile,
  profileBits,
  type PrecisionProfile,
} from '../../src-shared/precision/precision-profile.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import { explainAccelerator } from '../text/energy-explain.ts';
import type { Work } from '../../src-shared/work.ts';
import type { Bench } from '../work/bench.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import type { EnergyCommandOptions } from './energy-options.ts';
import { pricingOf } from './pricing.ts';
import { energyTables } from '../text/energy-table.ts';

interface Subject {
  readonly kind: 'network' | 'model';
  readonly id: string;
  readonly name: string;
  readonly layers: readonly NetworkLayer[];
  /** Biases included; null where only weights are known. */
  readonly parameters: number | null;
  readonly source: string | null;
  readonly oneBitShares: readonly OneBitShare[];
  /** What of the network is not priced. */
  readonly leftOut: readonly LeftOutLayer[];
}

/** Width of every activation unless the user says otherwise. */
const DEFAULT_BITS = 8;

/**
 * `fovea energy`: prices a network at one width a layer, or explains an accelerator.
 * @throws FoveaError `bad-argument`, `network-unknown`, `profile-wrong-length`, `accelerator-unknown`, `accelerator-invalid`,
 * and whatever loading a model throws
 */
export async function runEnergy(
  _: readonly string[],
  options: EnergyCommandOptions,
  bench: Bench,
  { work }: Pick<CommandContext, 'work'>,
): Promise<CommandResult> {
  if (options.explain !== undefined) {
    const [accelerator] = withAdc(await resolveAccelerators([options.explain]), options);
    return explainAccelerator(accelerator!);
  }
  const wanted = await pricingOf(options);
  const pricing = { ...wanted, accelerators: withAdc(wanted.accelerators, options) };
  const { accelerators, shownModes, switches } = pricing;
  const subject = await subjectOf(options, bench, work);
  const profile = options.profile === undefined ? null : parseProfile(options.profile);
  const otherBits = checkedBits('--bits', options.bits ?? (profile ? MAX_BITS : DEFAULT_BITS), 0, MAX_BITS);
  const bits = profile ? profileBits(subject.layers, profile.bits, otherBits) : subject.layers.map(() => otherBits);
  const layers = countsAtBits(subject.layers, bits, subject.oneBitShares);
  const report = price(pricing, layers, { leftOut: subject.leftOut });
  const notes = notesOf(subject, layers, report, accelerators, profile, otherBits);
  const utilisations = accelerators.map(
    (accelerator) => [accelerator.id, layerUtilisations(accelerator, layers)] as const,
  );
  return {
    text: [headerOf(subject, layers), energyTables(accelerators, report, shownModes), ...notes].join('\n\n'),
    json: {
      subject: {
        kind: subject.kind,
        id: subject.id,
        name: subject.name,
        source: subject.source,
        macs: sum(layers.map(({ macs }) => macs)),
        parameters: subject.parameters,
      },
      profile,
      ...switches,
      layers: layers.map(({ name, op, inputShape, outputShape, macs, values, weights, meanBits }, k) => ({
        name,
        op,
        inputShape,
        outputShape,
        macs,
        values,
        weights,
        bits: meanBits,
        utilisation: Object.fromEntries(utilisations.map(([id, byLayer]) => [id, byLayer[k]!])),
      })),
      energy: report.estimates,
      notPriced: report.notPriced,
      leftOut: subject.leftOut,
      notes,
    },
  };
}

async function subjectOf(options: EnergyCommandOptions, bench: Bench, work: Work): Promise<Subject> {
  if ((options.network === undefined) === (options.model === undefined))
    throw new FoveaError(
      'bad-argument',
      'expected exactly one of --network and --model',
      'For example: fovea energy --network vgg16 --bits 6',
    );
  if (options.network !== undefined) return { kind: 'network', ...describedNetwork(options.network), leftOut: [] };
  const id = options.model!;
  const { card, layers, leftOut } = await bench.open(bench.library.find(id), work);
  return {
    kind: 'model',
    id,
    name: card?.name ?? id,
    layers,
    parameters: null,
    source: null,
    oneBitShares: [],
    leftOut,
  };
}

/** The accelerators with the choice of ISAAC's ADC put in, validated like a file. */
function withAdc(
  accelerators: readonly Accelerator[],
  { adcLaw, adcBits }: EnergyCommandOptions,
): readonly Accelerator[] {
  if (adcLaw === undefined && adcBits === undefined) return accelerators;
  const law = ADC_LAWS.find((known) => known === adcLaw);
  if (adcLaw !== undefined && law === undefined)
    throw new FoveaError('bad-argument', `--adc-law ${adcLaw}: expected one of ${ADC_LAWS.join(', ')}`);
  if (adcBits !== undefined) checkedBits('--adc-bits', adcBits, 1, 8);
  if (!accelerators.some(({ kind }) => kind === 'isaac'))
    throw new FoveaError('bad-argument', '--adc-law and --adc-bits need ISAAC', 'Add --accelerator isaac.');
  return accelerators.map((accelerator) => {
    if (accelerator.kind !== 'isaac') return accelerator;
    const { adcLaw: lawBefore, adcResolvedBits } = accelerator.parameters;
    const parameters = {
      ...accelerator.parameters,
      adcLaw: law ? { ...lawBefore, value: law } : lawBefore,
      adcResolvedBits: adcBits === undefined ? adcResolvedBits : { ...adcResolvedBits, value: adcBits },
    };
    return parseAccelerator({ ...accelerator, parameters }, 'with --adc-law and --adc-bits');
  });
}

function checkedBits(option: string, bits: number, least: number, most: number): number {
  if (Number.isInteger(bits) && bits >= least && bits <= most) return bits;
  throw new FoveaError('bad-argument', `${option} ${bits}: expected a whole number from ${least} to ${most}`);
}

function headerOf(subject: Subject, layers: readonly LayerCounts[]): string {
  const widths = layers.map(({ meanBits }) => meanBits);
  const uniform = widths.every((bits) => bits === widths[0]);
  const count = (value: number) => value.toLocaleString('en-GB');
  return [
    subject.source ? `${subject.name} (${subject.source})` : subject.name,
    [
      `${layers.length} layers`,
      `${count(sum(layers.map(({ macs }) => macs)))} MACs`,
      subject.parameters === null
        ? `${count(sum(layers.map(({ weights }) => weights)))} weights`
        : `${count(subject.parameters)} parameters`,
    ].join(', '),
    uniform
      ? `activations of ${widths[0]} bits`
      : `activation bits ${widths.join('-')}, mean over MACs ${macWeightedBits(layers).toFixed(2)}`,
  ].join('\n');
}

function notesOf(
  subject: Subject,
  layers: readonly LayerCounts[],
  report: EnergyReport,
  accelerators: readonly Accelerator[],
  profile: PrecisionProfile | null,
  otherBits: number,
): string[] {
  const unquantised = leftOutText(layers, subject.leftOut);
  const notes: string[] = unquantised === null ? [] : [unquantised];
  const { preset = null } = profile ?? {};
  if (preset)
    notes.push(
      `Profile ${preset.id} (${preset.flag === 'unconfirmed' ? UNCONFIRMED : preset.flag}): published for ${preset.network} at ` +
        `${preset.relativeAccuracy * 100} % of its accuracy; ${preset.source}.`,
    );
  if (profile && profile.bits.length < subject.layers.length && subject.layers.some(({ op }) => op !== 'Conv'))
    notes.push(`The profile covers the convolutions; the other layers have ${otherBits} bits.`);
  const priced = accelerators.filter(({ id }) => report.estimates.some(({ accelerator }) => accelerator === id));
  const takers = (kind: StepRuleKind) =>
    priced
      .filter((accelerator) => machineOf(accelerator).steps.kind === kind)
      .map(({ name }) => name)
      .join(', ');
  const shares = subject.oneBitShares.filter((share) => layers.some(({ meanBits }) => meanBits === share.bits));
  if (takers('one-bits') !== '')
    for (const share of shares)
      notes.push(`${takers('one-bits')}, ${UNCONFIRMED}: ${share.value} of the bits are ones (${share.source}).`);
  if (takers('group-widths') !== '')
    notes.push(`${takers('group-widths')}: every group is taken to need all its bits, an upper bound.`);
  if (report.notPriced.length > 0 || takers('group-widths') !== '')
    notes.push('fovea analyze counts on an image what geometry alone does not tell.');
  return notes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
