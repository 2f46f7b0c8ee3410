import { InvalidArgumentError, Option, type Command } from 'commander';
import {
  type OptionKind,
  PLAN_OPTION_NAMES,
  PLAN_OPTIONS,
  type PlanOptionName,
  type PlanOptions,
} from '../../src-shared/precision/plan-option-table.ts';
import { DEVICES } from '../../src-shared/device.ts';
import { COLOUR_READINGS } from '../../src-shared/preprocessing.ts';
import type { Work } from '../../src-shared/work.ts';
import { parseJsonText } from '../files/json-text.ts';

/** What a command gives: text for people and one document for programs; failed inputs make the exit code 3. */
export interface CommandResult {
  /** Pieces, printed as they come and with `--json` too, where a whole would fill the memory. */
  readonly text: string | Iterable<string>;
  readonly json: unknown;
  /** Inputs that failed while others went through. */
  readonly failed?: readonly { readonly path: string; readonly reason: string }[];
  /** So many failures were said to be no reason for that exit code. */
  readonly tolerated?: boolean;
}

/** What every command can use of the terminal. */
export interface CommandContext {
  readonly version: string;
  readonly dataFolder: string;
  /** The run store: `--db`, else the one in the data folder. */
  readonly db: string;
  /** What verbs work with: aborted by the first Ctrl-C, its figures and notes shown as below. */
  readonly work: Work;
  /** A line for people on stderr; silent with `--quiet`. */
  note(message: string): void;
  /** A line that the next one replaces on a terminal; plain lines elsewhere, at most one in ten seconds. */
  progress(message: string): void;
}

/** What commander makes of the plan options: bits of single layers are in a file. */
export interface PlanFlags extends Omit<PlanOptions, 'layerBits'> {
  readonly layerBits?: string;
}

/** Declares the options that make a plan. Values are judged later, where every way to state a plan meets. */
export function declarePlanOptions(command: Command): Command {
  for (const name of PLAN_OPTION_NAMES) command.addOption(planOption(name));
  return command;
}

/** Declares how photos are read where that is not to be as the model's card has it; the bench is made with them. */
export function declarePixelOptions(command: Command): Command {
  return command
    .option('--fast-decode', 'shrink large photos while they are decoded: faster, and not the pixels that papers use')
    .addOption(
      new Option(
        '--colours <reading>',
        'as-published: colour profiles are ignored, as networks are trained; as-seen: converted to sRGB (default: as the card says)',
      ).choices(COLOUR_READINGS),
    );
}

/** Declares where the importance maps of metric `given` come from. */
export function declareMapsOption(command: Command): Command {
  return command.option(
    '--maps <folder|file>',
    'importance maps for --metric given, grey PNG, CSV or NPY, called like their images (default: photo.map.png beside photo.jpg)',
  );
}

/** Declares what networks run on; the bench is made with it. */
export function declareDeviceOption(command: Command): Command {
  return command.addOption(
    new Option(
      '--device <device>',
      'what the networks run on; webgpu: the GPU, where there is one (default: cpu; fovea models inspect names those here)',
    ).choices(DEVICES),
  );
}

export function planOption(name: PlanOptionName): Option {
  const { flag, help, kind } = PLAN_OPTIONS[name];
  const option = new Option(flag, help);
  const parse = PARSERS[kind];
  return parse ? option.argParser(parse) : option;
}

const PARSERS: Readonly<Partial<Record<OptionKind, (text: string) => number | number[]>>> = {
  number,
  numbers,
  'number or numbers': numbers,
};

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`expected a number, found "${text}".`);
  return value;
}

export function numbers(text: string): number[] {
  return text.split(',').map(number);
}

/** The plan options, of all options of a command, as `resolvePlan` takes them. */
export async function planOptionsOf(flags: PlanFlags): Promise<PlanOptions> {
  const given = PLAN_OPTION_NAMES.filter((name) => flags[name] !== undefined).map((name) => [name, flags[name]]);
  const { layerBits, ...options }: PlanFlags = Object.fromEntries(given);
  return layerBits === undefined ? options : { ...options, layerBits: await readLayerBits(layerBits) };
}

async function readLayerBits(file: string): Promise<NonNullable<PlanOptions['layerBits']>> {
  const [{ readSmallFile }, { planOptionsSchema }, { FoveaError }] = await Promise.all([
    import('../files/small-file.ts'),
    import('../../src-shared/precision/plan-options.ts'),
    import('../../src-shared/errors.ts'),
  ]);
  const wrong = (reason: string) =>
    new FoveaError(
      'bad-plan',
      `${file}: ${reason}`,
      'Give a JSON object like { "conv1": 8, "conv2": [5, 3] }: one width, or one a level from the most important.',
    );
  let value: unknown;
  try {
    value = parseJsonText((await readSmallFile(file, 2 ** 20)).toString());
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const { data, error } = planOptionsSchema.safeParse({ layerBits: value });
  if (!data) throw wrong(`layer ${error.issues[0]!.path.slice(1).join('.')}: ${error.issues[0]!.message}`);
  return data.layerBits ?? {};
}
