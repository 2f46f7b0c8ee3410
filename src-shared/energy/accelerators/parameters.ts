import { z } from 'zod';
import { ADC_LAWS } from './adc-laws.ts';

/**
 * Where a number comes from: printed in the paper itself; from a secondary source (authors' simulator, survey, follow-up);
 * derived here by arithmetic from those; widely quoted but not confirmed against the paper.
 */
export const FLAGS = ['printed', 'secondary', 'derived', 'unconfirmed'] as const;
export type Flag = (typeof FLAGS)[number];

export const sourced = { source: z.string().min(1), flag: z.enum(FLAGS) };

/** A number above 0 with its unit, technology node in nanometres where it depends on one, source and flag. */
function quantity(unit: string, value: z.ZodNumber = z.number().positive()) {
  return z.strictObject({
    value,
    unit: z.literal(unit),
    nodeNanometres: z.number().positive().exactOptional(),
    ...sourced,
  });
}
const count = () => quantity('1', z.int().positive());
const bits = (largest: number) => quantity('bit', z.int().min(1).max(largest));
const share = () => quantity('1', z.number().min(0).max(1));

const chip = {
  tiles: count(),
  multipliersPerTile: count(),
  clock: quantity('MHz'),
  nfuPower: quantity('W'),
  eDramPower: quantity('W'),
  busPower: quantity('mW'),
  hyperTransportPower: quantity('W'),
};

const regionMetadata = {
  metadataBitsPerGroup: quantity('bit', z.number().min(0)),
  metadataBitsPerExponent: quantity('bit', z.number().min(0)),
};

const serialChip = {
  ...chip,
  windowsAtOnce: count(),
  powerRatio: quantity('1'),
  activationShareOfBuffer: share(),
  ...regionMetadata,
};

const pragmaticChip = {
  ...serialChip,
  /** Reach of a lane's own shifter; the lock-step counts of a run are taken with 2. */
  firstStageBits: quantity('bit', z.number().min(2).max(2)),
};

const isaac = {
  tiles: count(),
  unitsPerTile: count(),
  crossbarsPerUnit: count(),
  crossbarRows: count(),
  crossbarColumns: count(),
  bitsPerCell: bits(16),
  weightBits: bits(16),
  inputBits: bits(16),
  dacBits: bits(16),
  cycleTime: quantity('ns'),
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
  adcLaw: z.strictObject({ value: z.enum(ADC_LAWS), ...sourced }),
  adcResolvedBits: bits(8),
  ...regionMetadata,
};

const tpu = {
  arrayRows: count(),
  arrayColumns: count(),
  clock: quantity('MHz'),
  busyPower: quantity('W'),
  idlePower: quantity('W'),
  weightBits: bits(16),
  dramAccess: quantity('pJ/64bit'),
  imagesPerWeightFetch: quantity('1'),
};

const described = {
  /** Lower-case letters, digits and hyphens. */
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'expected lower-case letters, digits and hyphens, 64 at most'),
  name: z.string().min(1),
  citation: z.string().min(1),
  summary: z.string().min(1),
  /** Assumptions and limits, shown with the figures. */
  notes: z.array(z.strictObject({ text: z.string().min(1), ...sourced })),
};

/** An accelerator as data; `kind` chooses the formulas that read its parameters. */
export const acceleratorSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...described, kind: z.literal('bit-parallel'), parameters: z.strictObject(chip) }),
  z.strictObject({ ...described, kind: z.literal('stripes'), parameters: z.strictObject(serialChip) }),
  z.strictObject({ ...described, kind: z.literal('pragmatic'), parameters: z.strictObject(pragmaticChip) }),
  z.strictObject({ ...described, kind: z.literal('isaac'), parameters: z.strictObject(isaac) }),
  z.strictObject({ ...described, kind: z.literal('tpu'), parameters: z.strictObject(tpu) }),
]);

export type Accelerator = z.infer<typeof acceleratorSchema>;
export type AcceleratorKind = Accelerator['kind'];
export type ParametersOf<Kind extends AcceleratorKind> = Extract<Accelerator, { kind: Kind }>['parameters'];
