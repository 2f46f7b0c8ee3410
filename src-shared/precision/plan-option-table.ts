import { COMBINED_WEIGHTS, METRICS } from './metrics.ts';

export const RANGE_MODES = ['position', 'layer', 'block'] as const;
export type RangeMode = (typeof RANGE_MODES)[number];
/** Channels of a block (range `block`): as NVFP4 has it, and as OCP MX. */
export const BLOCK_CHANNELS = [16, 32] as const;
/** How the scale of a block is kept: what a choice is called, in words, and what it is. */
export const BLOCK_SCALE_TABLE = {
  exact: { label: 'exact', words: 'exact', title: 'A float32 a block' },
  'power-of-two': {
    label: '2ⁿ',
    words: 'powers of two',
    title: 'An exponent of 8 bits a block, the power of two not above its peak: OCP MX',
  },
  e4m3: { label: 'E4M3', words: 'E4M3', title: 'A float of 8 bits a block, in units of the tensor: as NVFP4' },
} as const;
export type BlockScale = keyof typeof BLOCK_SCALE_TABLE;
/** An object's keys of words keep their order. */
export const BLOCK_SCALES = Object.keys(BLOCK_SCALE_TABLE) as readonly BlockScale[];
export const QUANTISERS = ['linear', 'log'] as const;
export type Quantiser = (typeof QUANTISERS)[number];

/** Whose class-activation map metric `saliency` takes: that of a cheap pass over the image itself, or of the run on the frame before it. */
export const SALIENCY_SOURCES = ['pass', 'previous'] as const;

export const MAX_BITS = 16;
/** Widest logarithmic level: beyond 8 bits levels lie closer than the bins they are chosen in. */
export const MAX_LOG_BITS = 8;
export const MAX_REGIONS = 128;
export const MAX_LEVELS = 8;
/** Sides of the window that a layer finds its own levels by (metrics `sensitivity` and `outliers`): calibration knows these. */
export const WINDOWS = [1, 3, 5, 7] as const;
export type Window = (typeof WINDOWS)[number];

/** The values an option can have; `plan-options.ts` has the schema of each kind. Bits of single layers: one width, or one a level. */
export interface OptionKinds {
  readonly word: string;
  readonly number: number;
  readonly numbers: readonly number[];
  readonly 'number or numbers': number | readonly number[];
  readonly switch: boolean;
  readonly 'bits by layer': Readonly<Record<string, number | readonly number[]>>;
}
export type OptionKind = keyof OptionKinds;

export interface OptionDescription {
  readonly kind: OptionKind;
  /** On the command line, with what stands behind it. Its name is that of the option in kebab case. */
  readonly flag: string;
  /** What people read. */
  readonly label: string;
  /** Words of help, with the range of values and the default. */
  readonly help: string;
  /** Where one value is it; others depend on the rest of the plan. */
  readonly default?: OptionKinds[OptionKind];
}

/**
 * The options that state a plan, each once: command line, help, messages between page and machine, plan files, settings and view
 * read this table. Lists of bits and of thresholds run as the help says; `resolvePlan` judges the values. No schema here: the
 * command line reads this table before it knows what it is to do.
 *
 * The default plan is near the best of the fixed plans measured so far: about half the energy at the original accuracy.
 */
export const PLAN_OPTIONS = {
  metric: {
    kind: 'word',
    flag: '--metric <name>',
    label: 'Metric',
    help: `${METRICS.join(', ')}, or inverse:<metric> (default combined)`,
    default: 'combined',
  },
  combinedWeights: {
    kind: 'numbers',
    flag: '--combined-weights <g,e,i,c>',
    label: 'Weights',
    help: `what metric combined sums: gradient, entropy, interest, centre (shares; default ${Object.values(COMBINED_WEIGHTS).join(',')})`,
    default: Object.values(COMBINED_WEIGHTS),
  },
  saliencyBits: {
    kind: 'number',
    flag: '--saliency-bits <b>',
    label: 'Pass bits',
    help: `bits of the pass that metric saliency takes its map from, charged in full (1..${MAX_BITS}; default 4)`,
    default: 4,
  },
  saliencyFrom: {
    kind: 'word',
    flag: '--saliency-from <source>',
    label: 'Map from',
    help: 'where the map of metric saliency comes from: pass, over the image itself; previous, the run on the frame before it in its folder (default pass)',
    default: 'pass',
  },
  regions: {
    kind: 'number',
    flag: '--regions <r>',
    label: 'Regions',
    help: `cells along each side of the grid (1..${MAX_REGIONS}; default 14)`,
    default: 14,
  },
  lowShare: {
    kind: 'number',
    flag: '--low-share <s>',
    label: 'Low share',
    help: 'share of the area at the lowest level (0..1; default 0.25)',
    default: 0.25,
  },
  window: {
    kind: 'number',
    flag: '--window <k>',
    label: 'Window',
    help: `positions along each side of the mean filter of metric sensitivity, and of a patch of metric outliers (${WINDOWS.join(', ')}; default 3)`,
    default: 3,
  },
  threshold: {
    kind: 'number or numbers',
    flag: '--threshold <t>',
    label: 'Threshold',
    help: 'importance below which a region is low (0..1), instead of a share; under more than two levels, one for each two neighbours, ascending: 0.2,0.6',
  },
  bits: {
    kind: 'numbers',
    flag: '--bits <high,..,low>',
    label: 'Bits',
    help: `bits (0..${MAX_BITS}) from the most to the least important level (default 4,3)`,
    default: [4, 3],
  },
  layerBits: {
    kind: 'bits by layer',
    flag: '--layer-bits <file>',
    label: 'Layer bits',
    help: 'JSON: bits of single layers, { "layer": 4, "other": [5, 3] }',
  },
  inputBits: {
    kind: 'number',
    flag: '--input-bits <b>',
    label: 'Image bits',
    help: 'bits of the layers that read the image itself (default 8, or more if --bits has more)',
  },
  range: {
    kind: 'word',
    flag: '--range <mode>',
    label: 'Range',
    help: 'position: one range per position; layer: one calibrated range per layer; block: one per block of channels and position (default position)',
    default: 'position',
  },
  block: {
    kind: 'number',
    flag: '--block <channels>',
    label: 'Block',
    help: `channels of a block with --range block (${BLOCK_CHANNELS.join(' or ')}; default 16)`,
    default: 16,
  },
  blockScale: {
    kind: 'word',
    flag: '--block-scale <format>',
    label: 'Block scale',
    help: 'how the scale of a block is kept: exact, power-of-two (OCP MX) or e4m3 (as NVFP4; default exact)',
    default: 'exact',
  },
  blockFloor: {
    kind: 'number',
    flag: '--block-floor <share>',
    label: 'Block floor',
    help: "least range of a block, as a share of its position's (0..1; default 0)",
    default: 0,
  },
  powerOfTwo: {
    kind: 'switch',
    flag: '--power-of-two',
    label: 'Powers of two',
    help: 'round steps up to powers of two (range position)',
    default: false,
  },
  quantiser: {
    kind: 'word',
    flag: '--quantiser <name>',
    label: 'Quantiser',
    help: 'linear, or log (weighted entropy, with range layer; default linear)',
    default: 'linear',
  },
  /** Default: the widest weights of the authors' experiments (Park et al., CVPR 2017): without retraining, fewer cost accuracy. */
  weightBits: {
    kind: 'number',
    flag: '--weight-bits <b>',
    label: 'Weight bits',
    help: `bits that weights are clustered to with --quantiser log (1..${MAX_LOG_BITS}; default 5)`,
    default: 5,
  },
  seed: {
    kind: 'number',
    flag: '--seed <n>',
    label: 'Seed',
    help: 'seed of the random metric (default 1)',
    default: 1,
  },
} as const satisfies Readonly<Record<string, OptionDescription>>;

type Table = typeof PLAN_OPTIONS;
export type PlanOptionName = keyof Table;

/** What a user states of a plan; everything left out takes its default. Bits run from the most to the least important level. */
export type PlanOptions = { readonly [Name in PlanOptionName]?: OptionKinds[Table[Name]['kind']] };

/** In the order in which help names them; an object's keys of words keep it. */
export const PLAN_OPTION_NAMES = Object.keys(PLAN_OPTIONS) as readonly PlanOptionName[];

/**
 * The words that state options on the command line, in the order of its help.
 * @param layerBitsFile where the bits of single layers are read from
 */
export function planWords(options: PlanOptions, layerBitsFile: string): string[] {
  return PLAN_OPTION_NAMES.flatMap((name) => {
    const { flag, kind }: OptionDescription = PLAN_OPTIONS[name];
    const [word = flag] = flag.split(' ');
    const value = options[name];
    if (value === undefined || value === false) return [];
    if (kind === 'switch') return [word];
    return [`${word} ${kind === 'bits by layer' ? layerBitsFile : String(value)}`];
  });
}
