import { Command, CommanderError } from 'commander';
import { join, resolve } from 'node:path';
import { version } from '../package.json' with { type: 'json' };
import type { Device } from '../src-shared/device.ts';
import { EXIT_CODE_OF_ERROR, toErrorRecord } from '../src-shared/errors.ts';
import type { PixelChoices } from '../src-shared/preprocessing.ts';
import type { Shard } from '../src-shared/runs/run-record.ts';
import { declareAnalyzeOptions } from './commands/analyze-options.ts';
import type { CommandContext, CommandResult } from './commands/command-line.ts';
import { declareEnergyOptions } from './commands/energy-options.ts';
import {
  declareBatchOptions,
  declareMethodsOptions,
  declareProfileOptions,
  declareReproduceOptions,
} from './commands/folder-options.ts';
import { declareModelsCommands, type ModelsAction } from './commands/models-options.ts';
import { declareReportOptions } from './commands/report-options.ts';
import { declareRunsCommands, type RunsAction, type RunsFlags } from './commands/runs-options.ts';
import { declareServeOptions } from './commands/serve-options.ts';
import { print } from './commands/stdout.ts';
import { dataFolder, runsFile } from './files/data-folder.ts';
import { keepPrivate, makePrivate } from './files/private-folder.ts';
import { failureLines } from './text/failure-text.ts';
import { oneLine } from './text/text-table.ts';
import { figuresText, noteText } from './text/work-text.ts';
import type { Bench } from './work/bench.ts';
import type { CommonAheadOrder, EngineAhead } from './work/engine-ahead.ts';

// The command line: the one place that prints and sets the exit code. Commands are loaded when they are called.

interface CommonFlags {
  readonly db?: string;
  readonly shard?: Shard;
  readonly quiet?: boolean;
  readonly json?: boolean;
  /** False with `--no-cache`. */
  readonly cache?: boolean;
  readonly fastDecode?: boolean;
  readonly colours?: PixelChoices['colours'];
  readonly device?: Device;
}

/** What every command is, once it has been declared. */
type RunCommand = (operands: readonly string[], flags: CommonFlags, context: CommandContext) => Promise<CommandResult>;

/** In the name of a store: the number of the shard. */
const SHARD_IN_NAME = '{shard}';
const PARTLY_FAILED = 3;
const WRONG_ARGUMENTS = 2;
const INTERRUPTED = 130;
/** From one line of progress to the next, where it is no terminal that shows them. */
const LINE_MS = 10_000;

const interruption = new AbortController();

/** Runs a command and prints what it gives. */
async function perform(command: Command, run: RunCommand): Promise<void> {
  const flags = command.optsWithGlobals<CommonFlags>();
  const context = contextOf(flags);
  // The first Ctrl-C asks the work to end well, the second ends the process. So does a terminal that is closed.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());
  // What is said to a terminal that is closed must not end the work before it has ended well.
  process.stderr.on('error', () => undefined);
  try {
    const { text, json, failed = [], tolerated = false } = await run(command.args, flags, context);
    context.progress('');
    await print(
      typeof text !== 'string' ? text : [flags.json ? `${JSON.stringify(json, null, 2)}\n` : withNewline(text)],
    );
    for (const line of failureLines(failed)) process.stderr.write(`fovea: failed: ${line}\n`);
    if (failed.length > 0 && !tolerated) process.exitCode = PARTLY_FAILED;
  } catch (error) {
    context.progress('');
    fail(error);
  }
}

function fail(error: unknown): void {
  const { code, message, next } = toErrorRecord(error);
  process.stderr.write(`fovea: ${oneLine(message)} [${code}]\n${next ? `  ${oneLine(next)}\n` : ''}`);
  if (code === 'internal' && process.env.FOVEA_DEBUG) console.error(error);
  process.exitCode = interruption.signal.aborted ? INTERRUPTED : EXIT_CODE_OF_ERROR[code];
}

const withNewline = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);

function contextOf({ db, shard, quiet }: CommonFlags): CommandContext {
  const folder = dataFolder();
  keepPrivate(folder);
  const terminal = process.stderr.isTTY;
  let shown = false;
  // What ends within a second needs no line of its own where lines stay.
  let last = performance.now() - (LINE_MS - 1000);
  const note = (message: string) => {
    if (!quiet) process.stderr.write(`${oneLine(message)}\n`);
  };
  const progress = (message: string) => {
    if (quiet) return;
    if (terminal) {
      if (message || shown) process.stderr.write(`\r\u001b[K${oneLine(message)}`);
      shown = message !== '';
    } else if (message && performance.now() - last > LINE_MS) {
      last = performance.now();
      process.stderr.write(`${oneLine(message)}\n`);
    }
  };
  return {
    version,
    dataFolder: folder,
    db: db === undefined ? runsFile(folder) : resolve(shard ? db.replaceAll(SHARD_IN_NAME, `${shard.index}`) : db),
    work: {
      signal: interruption.signal,
      progress: (figures) => progress(figuresText(figures)),
      note: (told) => note(noteText(told)),
    },
    note,
    progress,
  };
}

/**
 * A command that needs models and engines: opens the bench for it, and closes it behind it.
 * @param ahead starts an engine while all else is loaded, where the command will surely need it
 */
function withBench<Flags>(
  load: () => Promise<
    (operands: readonly string[], flags: Flags, bench: Bench, context: CommandContext) => Promise<CommandResult>
  >,
  ahead?: (operands: readonly string[], flags: Flags, order: CommonAheadOrder) => Promise<EngineAhead | null>,
): RunCommand {
  return async (operands, given, context) => {
    // Commander gives the flags that the command has declared.
    const flags = given as Flags & CommonFlags;
    const { dataFolder: folder, db } = context;
    const { dropFirst, spawnFirst: spawn } = await import('./engine/first-process.ts');
    makePrivate(folder);
    const cache = flags.cache !== false;
    const pixels: PixelChoices = {
      ...(flags.colours ? { colours: flags.colours } : {}),
      ...(flags.fastDecode ? { decoding: 'fast' } : {}),
    };
    const common = {
      dataFolder: folder,
      engineScript: join(import.meta.dirname, 'engine.js'),
      spawn,
      pixels,
      ...(flags.device ? { device: flags.device } : {}),
    };
    const started = (await ahead?.(operands, flags, { ...common, db: cache ? db : null })) ?? null;
    if (!started) dropFirst();
    const [run, { Bench }] = await Promise.all([load(), import('./work/bench.ts')]);
    const bench = new Bench({ ...common, version, db, cache, ahead: started, warn: context.note });
    try {
      return await run(operands, flags, bench, context);
    } finally {
      bench.close();
    }
  };
}

function withoutBench<Flags>(
  load: () => Promise<(operands: readonly string[], flags: Flags, context: CommandContext) => Promise<CommandResult>>,
): RunCommand {
  return async (operands, flags, context) => (await load())(operands, flags as Flags, context);
}

const models = () => import('./commands/models-command.ts');

const MODELS_COMMANDS: Readonly<Record<ModelsAction, RunCommand>> = {
  list: withoutBench(async () => (await models()).runModelsList),
  add: withBench(async () => (await models()).runModelsAdd),
  inspect: withBench(async () => (await models()).runModelsInspect),
  calibrate: withBench(async () => (await models()).runModelsCalibrate),
  export: withBench(async () => (await models()).runModelsExport),
  download: withoutBench(async () => (await models()).runModelsDownload),
  remove: withBench(async () => (await models()).runModelsRemove),
  restore: withoutBench(async () => (await models()).runModelsRestore),
};

/** @param say takes help and version */
function program(say: (text: string) => void): Command {
  const fovea = new Command('fovea')
    .description(
      'Shows which regions of an image, in which layers of a CNN, need how many activation bits, and what that saves.',
    )
    .version(version)
    .option(
      '--db <file>',
      'the run store (default: in your data folder); {shard} in its name is the number of the shard',
    )
    .option('--quiet', 'no notes or progress on stderr')
    .exitOverride()
    .configureOutput({
      writeOut: say,
      // As all other errors are told, with their code.
      outputError: (text, write) =>
        write(
          `fovea: ${oneLine(
            text
              .replace(/^error: /, '')
              .trim()
              .replace('\n', ' '),
          )} [bad-argument]\n`,
        ),
    })
    // Names of commands with their arguments are long: what they do is folded all the same.
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false, minWidthToWrap: 20 })
    .showHelpAfterError('  fovea --help and fovea COMMAND --help explain the arguments.');
  /** What commands do is loaded when they are called. */
  const onCall = (command: Command, run: RunCommand) => command.action(() => perform(command, run));

  onCall(
    declareAnalyzeOptions(common(fovea.command('analyze'))),
    withBench(
      async () => (await import('./commands/analyze-command.ts')).runAnalyze,
      async (images, { model }, order) =>
        (await import('./work/engine-ahead.ts')).engineAhead({ ...order, images, model }),
    ),
  );
  const ofModels = declareModelsCommands(fovea.command('models'), common);
  for (const name of Object.keys(ofModels) as ModelsAction[]) onCall(ofModels[name], MODELS_COMMANDS[name]);
  onCall(
    declareEnergyOptions(common(fovea.command('energy'))),
    withBench(async () => (await import('./commands/energy-command.ts')).runEnergy),
  );
  onCall(
    declareBatchOptions(common(fovea.command('batch'))),
    withBench(async () => (await import('./commands/batch-command.ts')).runBatch),
  );
  onCall(
    declareProfileOptions(common(fovea.command('profile'))),
    withBench(async () => (await import('./commands/profile-command.ts')).runProfile),
  );
  onCall(
    declareReproduceOptions(common(fovea.command('reproduce'))),
    withBench(async () => (await import('./commands/reproduce-command.ts')).runReproduce),
  );
  onCall(
    declareMethodsOptions(common(fovea.command('methods'))),
    withBench(async () => (await import('./commands/methods-command.ts')).runMethods),
  );
  onCall(
    declareReportOptions(common(fovea.command('report'))),
    withBench(async () => (await import('./commands/report-command.ts')).runReportCommand),
  );
  const ofRuns = declareRunsCommands(fovea.command('runs'), common);
  for (const name of Object.keys(ofRuns) as RunsAction[])
    onCall(
      ofRuns[name],
      withoutBench(async () => {
        const { runRuns } = await import('./commands/runs-command.ts');
        return (operands, flags: RunsFlags, context) => runRuns(name, operands, flags, context);
      }),
    );
  onCall(
    declareServeOptions(fovea.command('serve')),
    withoutBench(async () => (await import('./commands/serve-command.ts')).runServe),
  );
  return fovea;
}

/** Options of every command that gives a result. */
function common(command: Command): Command {
  return command.option('--json', 'one JSON document on stdout');
}

const said: string[] = [];
try {
  await program((text) => said.push(text)).parseAsync();
} catch (error) {
  // Commander has printed what was wrong; help and version are no errors.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_ARGUMENTS;
}
if (said.length > 0) await print(said).catch(fail);
