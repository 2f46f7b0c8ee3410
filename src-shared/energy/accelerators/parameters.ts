import { z } from 'zod';
import { ADC_LAWS } from './adc-laws.ts';

/**
 * Where a number comes from: printed in the paper itself; from a secondary source (authors' simulator, survey, follow-up);
 * derived here by arithmetic from those; widely quoted but not confirmed against the paper.
 */
const FLAGS = ['printed', 'secondary', 'derived', 'unconfirmed'] as const;
export type Flag = (typeof FLAGS)[number];

/** How sure a figure is, in words. */
export const FLAG_MEANINGS: Readonly<Record<Flag, string>> = {
  printed: 'in the paper itself',
  secondary: "from the authors' simulator, a survey or a later paper",
  derived: 'worked out from printed or secondary figures',
  unconfirmed: 'widely quoted, not confirmed against the paper: an example only',
};

export const sourced = { source: z.string().min(1), flag: z.enum(FLAGS) };

/** The largest value of each unit that can be meant; beyond it lies a slip of the decimal point. */
const LARGEST = {
  '1': 1e5,
  bit: 64,
  KiB: 1e8,
  MHz: 1e5,
  ns: 1e6,
  mW: 1e6,
  W: 1e4,
  pJ: 1e4,
  'pJ/bit': 1e4,
  'pJ/64bit': 1e6,
  'TOPS/W': 1e5,
} as const;

/** A number above 0 with its unit, technology node in nanometres where it depends on one, source, flag, and range if it has one. */
function quantity(unit: keyof typeof LARGEST, value: z.ZodNumber = z.number().positive()) {
  const bounded = value.max(LARGEST[unit]);
  return z
    .strictObject({
      value: bounded,
      unit: z.literal(unit),
      /** The ends of a constant that is printed, or follows, as a range: each may stand for the value. */
      range: z.tuple([bounded, bounded]).exactOptional(),
      nodeNanometres: z.number().min(1).max(1000).exactOptional(),
      ...sourced,
    })
    .refine(({ value, range }) => !range || (range[0] <= value && value <= range[1]), {
      path: ['range'],
      message: 'expected its ends around the value',
    });
}
const count = () => quantity('1', z.int().positive());
const bits = (largest: number) => quantity('bit', z.int().min(1).max(largest));
const choice = <Choice extends string>(choices: readonly Choice[]) =>
  z.strictObject({ value: z.enum(choices), ...sourced });

/** The classes of access; every machine says how it serves each. */
export const ACCESS_CLASSES = [
  'weights',
  'activations',
  'partialSums',
  'registers',
  'network',
  'dram',
  'links',
] as const;

function makeSchema() {
  /** What every machine charges beside its computing. */
  const common = {
    clock: quantity('MHz'),
    weightBits: bits(16),
    activationCapacity: quantity('KiB'),
    dramAccess: quantity('pJ/64bit'),
    rescaleEnergy: quantity('pJ'),
    shiftEnergy: quantity('pJ'),
    metadataBitsPerExponent: quantity('bit', z.number().min(0)),
  };

  /** Of machines whose weights can stay on the chip, or on several. */
  const weightsOnChip = { weightCapacity: quantity('KiB'), linkEnergy: quantity('pJ/bit') };

  const lanes = { windowsAtOnce: count(), inputsAtOnce: count(), filtersAtOnce: count() };

  /** DaDianNao's power table, which machines built from its parts share. */
  const chip = {
    ...common,
    ...weightsOnChip,
    ...lanes,
    tiles: count(),
    multipliersPerTile: count(),
    nfuPower: quantity('W'),
    eDramPower: quantity('W'),
    busPower: quantity('mW'),
    hyperTransportPower: quantity('W'),
  };

  const serialChip = {
    ...chip,
    /** What decides the steps of an activation, and by how many steps a weight multiplies them. */
    activationsTake: choice(['widths', 'group-widths', 'one-bits']),
    weightSteps: quantity('1', z.number().min(1)),
    /** Multipliers of the bit-parallel design it was compared with, which `powerRatio` is over. */
    baselineMultipliers: count(),
    powerRatio: quantity('1'),
    singleWindow: choice(['idles-lanes', 'spreads-bits']),
    /** Reach of a lane's own shifter (`one-bits`); the lock-step counts of a run are taken with 2. */
    firstStageBits: quantity('bit', z.number().min(2).max(2)).exactOptional(),
  };

  const isaac = {
    ...common,
    ...weightsOnChip,
    tiles: count(),
    unitsPerTile: count(),
    crossbarsPerUnit: count(),
    crossbarRows: count(),
    crossbarColumns: count(),
    bitsPerCell: bits(16),
    inputBits: bits(16),
    dacBits: bits(16),
    eDramPower: quantity('mW'),
    eDramBusPower: quantity('mW'),
    routerPower: quantity('mW'),
    tilesPerRouter: count(),
    sigmoidPower: quantity('mW'),
    tileShiftAddPower: quantity('mW'),
    maxPoolPower: quantity('mW'),
    tileOutputRegisterPower: quantity('mW'),
    adcPower: quantity('mW'),
    dacPower: quantity('mW'),
    sampleHoldPower: quantity('mW'),
    crossbarPower: quantity('mW'),
    unitShiftAddPower: quantity('mW'),
    inputRegisterPower: quantity('mW'),
    unitOutputRegisterPower: quantity('mW'),
    hyperTransportPower: quantity('W'),
    adcLaw: choice(ADC_LAWS),
    adcResolvedBits: bits(8),
  };

  /** A chip of which only the power of the whole die is known. */
  const tpu = { ...common, ...lanes, busyPower: quantity('W'), idlePower: quantity('W') };
  const unpu = { ...common, ...lanes, efficiencyAt16Bits: quantity('TOPS/W'), efficiencyAt1Bit: quantity('TOPS/W') };

  /** Machines whose energies are known action by action. */
  const perAction = {
    ...common,
    ...lanes,
    activationsTake: choice(['constant', 'words', 'region-words']),
    taps: choice(['apart', 'share-inputs']),
    zeros: choice(['computed', 'gated']),
    windowsPerWeightRead: count(),
    filtersPerActivationRead: count(),
    macEnergy: quantity('pJ'),
    /** Registers per MAC: those that a gated multiplication leaves alone, and the others. */
    gatedRegisterEnergy: quantity('pJ', z.number().min(0)),
    registerEnergy: quantity('pJ', z.number().min(0)),
    weightReadEnergy: quantity('pJ/bit'),
    activationEnergy: quantity('pJ/bit'),
    networkEnergy: quantity('pJ/bit', z.number().min(0)),
    partialSumEnergy: quantity('pJ', z.number().min(0)),
  };

  const stated = z.strictObject({ text: z.string().min(1), ...sourced });

  const described = {
    /** Lower-case letters, digits and hyphens. */
    id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and hyphens, 64 at most'),
    name: z.string().min(1),
    citation: z.string().min(1),
    summary: z.string().min(1),
    /** What its powers are of: the computing core, or the whole die. The two are never compared. */
    scope: z.enum(['core', 'die']),
    dataflow: z.record(z.enum(ACCESS_CLASSES), stated),
    /** Published figures that must follow from the parameters. */
    checks: z
      .array(
        z.strictObject({
          /** A figure of the machine, as `fovea energy --explain` lists them. */
          figure: z.string(),
          value: z.number().positive(),
          range: z.tuple([z.number().positive(), z.number().positive()]).exactOptional(),
          /** Largest relative difference that printed digits allow. */
          tolerance: z.number().positive().max(0.05),
          ...sourced,
        }),
      )
      .min(1),
    /** Assumptions and limits, shown with the figures. */
    notes: z.array(stated),
  };

  return z.discriminatedUnion('kind', [
    z.strictObject({ ...described, kind: z.literal('bit-parallel'), parameters: z.strictObject(chip) }),
    z.strictObject({ ...described, kind: z.literal('serial'), parameters: z.strictObject(serialChip) }),
    z.strictObject({ ...described, kind: z.literal('isaac'), parameters: z.strictObject(isaac) }),
    z.strictObject({ ...described, kind: z.literal('tpu'), parameters: z.strictObject(tpu) }),
    z.strictObject({ ...described, kind: z.literal('unpu'), parameters: z.strictObject(unpu) }),
    z.strictObject({ ...described, kind: z.literal('per-action'), parameters: z.strictObject(perAction) }),
  ]);
}

let schema: ReturnType<typeof makeSchema> | undefined;

/** An accelerator as data; `kind` chooses the formulas that read its parameters. Made when first needed: it takes longer than an estimate. */
export function acceleratorSchema(): ReturnType<typeof makeSchema> {
  return (schema ??= makeSchema());
}

export type Accelerator = z.infer<ReturnType<typeof makeSchema>>;
export type AcceleratorKind = Accelerator['kind'];
export type ParametersOf<Kind extends AcceleratorKind> = Extract<Accelerator, { kind: Kind }>['parameters'];
export type CommonParameters = ParametersOf<AcceleratorKind>;
