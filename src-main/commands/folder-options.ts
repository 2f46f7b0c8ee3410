import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type Keeps,
  KEEPS,
  type LadderName,
  LADDERS,
  POLICIES,
  type PolicyName,
} from '../../src-shared/runs/policies.ts';
import type { Device } from '../../src-shared/device.ts';
import { RANGE_MODES, type RangeMode } from '../../src-shared/precision/plan-option-table.ts';
import type { Shard } from '../../src-shared/runs/run-record.ts';
import {
  declareDeviceOption,
  declareMapsOption,
  declarePixelOptions,
  declarePlanOptions,
  number,
  type PlanFlags,
  planOption,
} from './command-line.ts';
import { declarePricingOptions, type PricingFlags } from './pricing-options.ts';
import { readShard, WrongShard } from './shard-option.ts';

// Options of the commands that evaluate folders; the commands themselves are loaded when they are called.

/** More than the cores of the machines it runs on. Each takes hundreds of megabytes: many more are a slip of the pen. */
const MAX_WORKERS = 256;

/** Images that `fovea methods --bound` searches through. */
export const BOUND_IMAGES = 64;

/** Options of every command that evaluates a folder. */
export interface FolderFlags extends PricingFlags {
  readonly model?: string;
  readonly labels?: string;
  readonly workers?: number;
  readonly device?: Device;
  readonly name?: string;
  readonly shard?: Shard;
  readonly allowFailed?: AllowedFailures;
  /** False with `--no-cache`. */
  readonly cache?: boolean;
}

/** How many images of a run may fail without an exit code that says so: a number, or a share of them. */
export type AllowedFailures = { readonly images: number } | { readonly share: number };

export interface BatchFlags extends FolderFlags, PlanFlags {
  readonly plan?: string;
  readonly grid?: string;
  readonly ladder?: LadderName;
  readonly maps?: string;
  readonly images?: string;
  readonly policy?: readonly PolicyName[];
  readonly counts?: boolean;
  /** False with `--no-controls`. */
  readonly controls?: boolean;
  readonly secondRounding?: boolean;
  readonly firstSuccess?: boolean;
  readonly resume?: string;
}

function declareFolderOptions(command: Command): Command {
  return declareDeviceOption(declarePixelOptions(declarePricingOptions(command)))
    .option('--model <id|file>', 'an installed model or an ONNX file (default: the embedded one)')
    .option(
      '--labels <file>',
      'file of file,label (commas, tabs, semicolons or spaces); none; or folders. Default: labels.csv in the folder, else class folders',
    )
    .option(
      '--workers <n>',
      `engine processes, 1 to ${MAX_WORKERS} (default: as cores and memory allow)`,
      fromOne(MAX_WORKERS),
    )
    .option('--name <text>', 'name of the run (default: that of the folder)')
    .option(
      '--shard <i/n>',
      'evaluate part i of n, to be joined by fovea runs merge; auto or auto/n: the part of this task of Slurm, Kubernetes or GNU parallel; 0-based:i/n counts from 0',
      shard,
    )
    .option('--allow-failed <n|p%>', 'exit with 0, not 3, where no more images than that failed', allowedFailures)
    .option('--no-cache', 'measure anew: do not look up what earlier runs and analyses have measured');
}

export function declareBatchOptions(command: Command): Command {
  const described = command
    .description('Evaluate a folder of images under plans; everything is kept, and can be resumed')
    .argument('[folder]', 'folder of images: a folder per class, with a labels.csv, or without labels');
  return declareMapsOption(declarePlanOptions(declareFolderOptions(described)))
    .option('--images <file>', 'only these images of the folder: a text file with one path a line, from the folder')
    .option(
      '--plan <file>',
      'JSON: one plan or a list of plans, { "metric": "centre", "bits": [4, 2] } or fully resolved; options beside it are for what a plan leaves out',
    )
    .option(
      '--grid <file>',
      'JSON: lists of alternatives by plan option, { "metric": ["centre", "random"], "bits": [[4, 2], [4]] }; all combinations are evaluated',
    )
    .addOption(
      new Option(
        '--ladder <name>',
        'plans that policies choose from, image by image; --layer-bits adds a static profile',
      ).choices(Object.keys(LADDERS)),
    )
    .addOption(
      new Option('--policy <name...>', 'policies to report (default: all); without plans, over --ladder full').choices(
        POLICIES,
      ),
    )
    .option(
      '--no-controls',
      'only the plans asked for, without what they are held against: the widths 8 to 1 everywhere, and the masks centre, random and inverse',
    )
    .option(
      '--second-rounding',
      'evaluate all again with sums added up in another order, and tell how many answers flip: the numerical floor',
    )
    .option(
      '--first-success',
      'with --policy oracle alone: an image is done with the cheapest plan that keeps its answer; plans then have no figures of their own',
    )
    .option('--counts', 'also count zeros, one-bits, clipping and noise (slower)')
    .option('--resume <run>', 'go on with a run that was stopped; the folder is needed only if it has moved');
}

/** Options of the commands that begin with a search for bits. */
export interface SharedSearchFlags extends FolderFlags {
  readonly searchOnly?: boolean;
  readonly searchFrom?: string;
  readonly out?: string;
}

function declareSharedSearch(command: Command): Command {
  return command
    .option('--search-only', 'only find the layer-wise bits, which shards then take from this store')
    .option('--search-from <file>', 'the store where that was done, once for all shards; else each does it anew');
}

export interface ProfileFlags extends SharedSearchFlags {
  /** Points of accuracy. */
  readonly tolerance?: number;
  readonly keeps?: Keeps;
  readonly range?: RangeMode;
  readonly joint?: boolean;
}

export function declareProfileOptions(command: Command): Command {
  return declareSharedSearch(
    declareFolderOptions(
      command
        .description(
          'Find bits layer by layer on half of the images (the Stripes way), and measure them on the other half',
        )
        .argument('<folder>', 'folder of images that the network was not trained on, with labels where there are any'),
    ),
  )
    .option('--tolerance <points>', 'accuracy that may be lost, in points (default 1)', number)
    .addOption(new Option('--keeps <answer>', 'the accuracy that counts').choices(KEEPS))
    .addOption(planOption('range').choices(RANGE_MODES))
    .option(
      '--joint',
      'find bits by layer and by level of importance together, those that cost least where groups of channels skip leading zeros; found on each half, told by the other',
    )
    .option('--out <file>', 'write the bits as JSON, for --layer-bits; with --joint the plan, for --plan');
}

export type ReproduceFlags = SharedSearchFlags;

export function declareReproduceOptions(command: Command): Command {
  return declareSharedSearch(
    declareFolderOptions(
      command
        .description(
          'Measure the claim on your images: energy saved at original Top-1 and Top-5 by cropping, metrics, controls, a static profile, policies',
        )
        .argument('<folder>', 'folder of images, with labels where there are any'),
    ),
  ).option('--out <file>', 'write the report as Markdown, too');
}

export interface MethodsFlags extends SharedSearchFlags {
  readonly maps?: string;
  /** True without a number. */
  readonly bound?: number | true;
}

export function declareMethodsOptions(command: Command): Command {
  return declareMapsOption(
    declareSharedSearch(
      declareFolderOptions(
        command
          .description(
            'Hold every known method against uniform bits on your images, at equal energy and at equal accuracy: blocks, bits by layer, regions, both, cascade, oracle',
          )
          .argument('<folder>', 'folder of images, with labels where there are any'),
      ),
    ),
  )
    .option('--out <file>', 'write the report, too: as a page where its name ends in .html, else as Markdown')
    .option(
      '--bound [images]',
      `only how much any map could earn: for each of so many images (default: ${BOUND_IMAGES}) a search for the cheapest map that keeps its answer`,
      fromOne(),
    );
}

/** Reads a whole number from 1 on. @param most the largest it may be */
const fromOne =
  (most = Infinity) =>
  (text: string): number => {
    const value = number(text);
    if (Number.isInteger(value) && value >= 1 && value <= most) return value;
    const range = most === Infinity ? 'from 1 on' : `from 1 to ${most}`;
    throw new InvalidArgumentError(`expected a whole number ${range}, found "${text}".`);
  };

function shard(text: string): Shard {
  try {
    return readShard(text, process.env);
  } catch (error) {
    throw error instanceof WrongShard ? new InvalidArgumentError(error.message) : error;
  }
}

function allowedFailures(text: string): AllowedFailures {
  const [, digits, percent] = /^(\d+(?:\.\d+)?)(%?)$/.exec(text) ?? [];
  const value = Number(digits);
  if (percent && value <= 100) return { share: value / 100 };
  if (percent === '' && Number.isInteger(value)) return { images: value };
  throw new InvalidArgumentError(`expected a number of images, or a share of them such as 2%, found "${text}".`);
}

/** Whether no more images of a run failed than may. */
export function isTolerated(allowed: AllowedFailures | undefined, failed: number, images: number): boolean {
  if (!allowed) return failed === 0;
  return failed <= ('images' in allowed ? allowed.images : allowed.share * images);
}
