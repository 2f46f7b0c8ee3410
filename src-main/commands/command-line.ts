import { InvalidArgumentError, Option, type Command } from 'commander';
import type { PlanOptions } from '../../src-shared/precision/precision-plan.ts';
import type { Work } from '../../src-shared/work.ts';
import { parseJsonText } from '../files/json-text.ts';

/** What a command gives: text for people and one document for programs; failed inputs make the exit code 3. */
export interface CommandResult {
  /** Pieces, printed as they come and with `--json` too, where a whole would fill the memory. */
  readonly text: string | Iterable<string>;
  readonly json: unknown;
  /** Inputs that failed while others went through. */
  readonly failed?: readonly { readonly path: string; readonly reason: string }[];
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

/** What commander makes of the plan options. */
export interface PlanFlags {
  readonly metric?: string;
  readonly regions?: number;
  readonly lowShare?: number;
  readonly threshold?: number[];
  readonly bits?: number[];
  readonly layerBits?: string;
  readonly inputBits?: number;
  readonly range?: string;
  readonly powerOfTwo?: boolean;
  readonly quantiser?: string;
  readonly weightBits?: number;
  readonly seed?: number;
}

/** Declares the options that make a plan. Values are judged later, where every way to state a plan meets. */
export function declarePlanOptions(command: Command): Command {
  return command
    .option('--metric <name>', 'combined, gradient, entropy, interest, centre, random, uniform, or inverse:<metric>')
    .option('--regions <r>', 'cells along each side of the grid (1..128; default 14)', number)
    .option('--low-share <s>', 'share of the area at the lowest level (0..1; default 0.25)', number)
    .option('--threshold <t>', 'importance below which a region is low (0..1), instead of a share', numbers)
    .option('--bits <high,..,low>', 'bits (0..16) from the most to the least important level (default 4,3)', numbers)
    .option('--layer-bits <file>', 'JSON: bits of single layers, { "layer": 4, "other": [5, 3] }')
    .option(
      '--input-bits <b>',
      'bits of the layers that read the image itself (default 8, or more if --bits has more)',
      number,
    )
    .option('--range <mode>', 'position: one range per position; layer: one calibrated range per layer')
    .option('--power-of-two', 'round steps up to powers of two (range position)')
    .addOption(new Option('--quantiser <name>', 'linear, or log (weighted entropy)'))
    .option('--weight-bits <b>', 'bits that weights are clustered to with --quantiser log (1..8; default 5)', number)
    .option('--seed <n>', 'seed of the random metric (default 1)', number);
}

export function number(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value))
    throw new InvalidArgumentError(`expected a number, found "${text}".`);
  return value;
}

export function numbers(text: string): number[] {
  return text.split(',').map(number);
}

/** The plan options as `resolvePlan` takes them. */
export async function planOptionsOf(flags: PlanFlags): Promise<PlanOptions> {
  const { layerBits, threshold, ...rest } = flags;
  return {
    ...pick(rest, [
      'metric',
      'regions',
      'lowShare',
      'bits',
      'inputBits',
      'range',
      'powerOfTwo',
      'quantiser',
      'weightBits',
      'seed',
    ]),
    ...(threshold === undefined ? {} : { threshold }),
    ...(layerBits === undefined ? {} : { layerBits: await readLayerBits(layerBits) }),
  };
}

function pick<Record extends object, Key extends keyof Record>(
  record: Record,
  keys: readonly Key[],
): Pick<Record, Key> {
  return Object.fromEntries(keys.flatMap((key) => (record[key] === undefined ? [] : [[key, record[key]]]))) as Pick<
    Record,
    Key
  >;
}

async function readLayerBits(file: string): Promise<Record<string, number | number[]>> {
  const [{ readFile }, { z }, { FoveaError }] = await Promise.all([
    import('node:fs/promises'),
    import('zod'),
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
    value = parseJsonText(await readFile(file, 'utf8'));
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error));
  }
  const parsed = z.record(z.string(), z.union([z.number(), z.array(z.number())])).safeParse(value);
  if (!parsed.success)
    throw wrong(`layer ${parsed.error.issues[0]!.path.join('.')}: ${parsed.error.issues[0]!.message}`);
  return parsed.data;
}
