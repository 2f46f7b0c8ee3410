import { Command, CommanderError } from 'commander';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { version } from '../package.json' with { type: 'json' };
import { EXIT_CODE_OF_ERROR, toErrorRecord } from '../src-shared/errors.ts';
import { declarePlanOptions, number, type CommandContext, type CommandResult } from './commands/command-line.ts';
import { dataFolder, runsFile } from './files/data-folder.ts';
import { declareEnergyOptions, type EnergyCommandOptions } from './commands/energy-options.ts';
import {
  declareModelsCommands,
  type AddFlags,
  type CalibrateFlags,
  type DownloadFlags,
  type ExportFlags,
  type InspectFlags,
  type ListFlags,
} from './commands/models-options.ts';
import {
  declareBatchOptions,
  declareProfileOptions,
  declareReproduceOptions,
  type BatchFlags,
  type ProfileFlags,
  type ReproduceFlags,
} from './commands/folder-options.ts';
import { declareRunsCommands, type RunsAction, type RunsFlags } from './commands/runs-options.ts';
import { oneLine } from './text/text-table.ts';
import type { AnalyzeFlags } from './commands/analyze-command.ts';
import type { ServeFlags } from './commands/serve-command.ts';
import type { Bench } from './work/bench.ts';

// The command line: the one place that prints and sets the exit code. Commands are loaded when they are called.

interface CommonFlags {
  readonly db?: string;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

const PARTLY_FAILED = 3;
const WRONG_ARGUMENTS = 2;
const INTERRUPTED = 130;

const interruption = new AbortController();

/** Runs a command and prints what it gives. */
function perform<Flags extends CommonFlags>(
  work: (flags: Flags, context: CommandContext, operands: string[]) => Promise<CommandResult>,
) {
  return async function (this: Command): Promise<void> {
    const flags = this.optsWithGlobals<Flags>();
    const context = contextOf(flags);
    // The first Ctrl-C asks the work to end well, the second ends the process. So does a terminal that is closed.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => interruption.abort());
    // What is said to a terminal that is closed must not end the work before it has ended well.
    process.stderr.on('error', () => undefined);
    try {
      const { text, json, failed = [] } = await work(flags, context, this.args);
      context.progress('');
      await print(
        typeof text !== 'string' ? text : [flags.json ? `${JSON.stringify(json, null, 2)}\n` : withNewline(text)],
      );
      for (const { path, reason } of failed)
        process.stderr.write(`fovea: failed: ${oneLine(path)}: ${oneLine(reason)}\n`);
      if (failed.length > 0) process.exitCode = PARTLY_FAILED;
    } catch (error) {
      context.progress('');
      const { code, message, next } = toErrorRecord(error);
      process.stderr.write(`fovea: ${oneLine(message)} [${code}]\n${next ? `  ${oneLine(next)}\n` : ''}`);
      if (code === 'internal' && process.env.FOVEA_DEBUG) console.error(error);
      process.exitCode = interruption.signal.aborted ? INTERRUPTED : EXIT_CODE_OF_ERROR[code];
    }
  };
}

/** A reader that has seen enough (`| head`) closes its end: that is no error. */
async function print(pieces: Iterable<string>): Promise<void> {
  await pipeline(pieces, process.stdout, { end: false }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const withNewline = (text: string) => (text.endsWith('\n') ? text : `${text}\n`);

function contextOf({ db, quiet }: CommonFlags): CommandContext {
  const folder = dataFolder();
  const terminal = process.stderr.isTTY;
  let shown = false;
  let last = -Infinity;
  return {
    version,
    dataFolder: folder,
    db: db === undefined ? runsFile(folder) : resolve(db),
    signal: interruption.signal,
    note: (message) => {
      if (!quiet) process.stderr.write(`${oneLine(message)}\n`);
    },
    progress: (message) => {
      if (quiet) return;
      if (terminal) {
        if (message || shown) process.stderr.write(`\r\u001b[K${oneLine(message)}`);
        shown = message !== '';
      } else if (message && performance.now() - last > 10_000) {
        last = performance.now();
        process.stderr.write(`${oneLine(message)}\n`);
      }
    },
  };
}

/** Opens the workbench for one command, and closes it behind it. */
async function withWorkbench<Result>(
  { dataFolder: folder, db, note }: CommandContext,
  work: (workbench: Bench) => Promise<Result>,
  { cache = true }: { readonly cache?: boolean } = {},
): Promise<Result> {
  const [{ Bench }, { forkProcess }, { mkdirSync }] = await Promise.all([
    import('./work/bench.ts'),
    import('./engine/process-port.ts'),
    import('node:fs'),
  ]);
  mkdirSync(folder, { recursive: true });
  const workbench = new Bench({
    version,
    dataFolder: folder,
    engineScript: join(import.meta.dirname, 'engine.js'),
    spawn: forkProcess,
    warn: note,
    store: cache ? db : null,
  });
  try {
    return await work(workbench);
  } finally {
    workbench.close();
  }
}

function program(): Command {
  const fovea = new Command('fovea')
    .description(
      'Shows which regions of an image, in which layers of a CNN, need how many activation bits, and what that saves.',
    )
    .version(version)
    .option('--db <file>', 'the run store (default: in your data folder)')
    .option('--quiet', 'no notes or progress on stderr')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .showHelpAfterError('(fovea --help and fovea COMMAND --help explain the arguments)');

  declarePlanOptions(
    common(fovea.command('analyze'))
      .description('Run the plain and the region-quantised network on images, and compare')
      .argument('[image...]', 'image files (default: the samples)')
      .option('--model <id|file>', 'an installed model or an ONNX file (default: the embedded one)')
      .option('--accelerator <name|file...>', 'accelerators to price, or JSON files that describe one (default: all)')
      .option('--out <folder>', 'write importance, levels and bits over each photo as PNG')
      .option('--layer <name>', 'layer whose bits are drawn with --out (default: the one with the most MACs)')
      .option('--no-cache', 'measure anew: neither look up results of earlier runs nor keep these'),
  ).action(
    perform<AnalyzeFlags & CommonFlags>(async (flags, context, images) => {
      const { runAnalyze } = await import('./commands/analyze-command.ts');
      return withWorkbench(context, (workbench) => runAnalyze(images, flags, workbench, context), flags);
    }),
  );

  const models = declareModelsCommands(fovea.command('models'), common);
  models.list.action(
    perform<ListFlags & CommonFlags>(async (flags, context) => {
      const { runModelsList } = await import('./commands/models-command.ts');
      return runModelsList(flags, context);
    }),
  );
  models.add.action(
    perform<AddFlags & CommonFlags>(async (flags, context, operands) => {
      const { runModelsAdd } = await import('./commands/models-command.ts');
      return withWorkbench(context, (workbench) => runModelsAdd(operands, flags, workbench, context));
    }),
  );
  models.inspect.action(
    perform<InspectFlags & CommonFlags>(async (flags, context, operands) => {
      const { runModelsInspect } = await import('./commands/models-inspect-command.ts');
      return withWorkbench(context, (workbench) => runModelsInspect(operands, flags, workbench, context));
    }),
  );
  models.calibrate.action(
    perform<CalibrateFlags & CommonFlags>(async (flags, context, operands) => {
      const { runModelsCalibrate } = await import('./commands/models-command.ts');
      return withWorkbench(context, (workbench) => runModelsCalibrate(operands, flags, workbench, context));
    }),
  );
  models.export.action(
    perform<ExportFlags & CommonFlags>(async (flags, context, operands) => {
      const { runModelsExport } = await import('./commands/models-export-command.ts');
      return withWorkbench(context, (workbench) => runModelsExport(operands, flags, workbench, context));
    }),
  );
  models.download.action(
    perform<DownloadFlags & CommonFlags>(async (flags, context, operands) => {
      const { runModelsDownload } = await import('./commands/models-command.ts');
      return runModelsDownload(operands, flags, context);
    }),
  );

  declareEnergyOptions(common(fovea.command('energy'))).action(
    perform<EnergyCommandOptions & CommonFlags>(async (flags, context) => {
      const { runEnergyCommand } = await import('./commands/energy-command.ts');
      return withWorkbench(context, (workbench) =>
        runEnergyCommand(flags, {
          loadModel: async (reference) => {
            const opened = await workbench.open(workbench.library.find(reference), context);
            return { name: opened.card?.name ?? reference, layers: opened.layers };
          },
          estimateAll: (...input) => workbench.price(...input),
        }),
      );
    }),
  );

  declareBatchOptions(common(fovea.command('batch'))).action(
    perform<BatchFlags & CommonFlags>(async (flags, context, [folder]) => {
      const { runBatch } = await import('./commands/batch-command.ts');
      return withWorkbench(context, (workbench) => runBatch(folder, flags, workbench, context));
    }),
  );
  declareProfileOptions(common(fovea.command('profile'))).action(
    perform<ProfileFlags & CommonFlags>(async (flags, context, [folder]) => {
      const { runProfile } = await import('./commands/profile-command.ts');
      return withWorkbench(context, (workbench) => runProfile(folder!, flags, workbench, context));
    }),
  );
  declareReproduceOptions(common(fovea.command('reproduce'))).action(
    perform<ReproduceFlags & CommonFlags>(async (flags, context, [folder]) => {
      const { runReproduce } = await import('./commands/reproduce-command.ts');
      return withWorkbench(context, (workbench) => runReproduce(folder!, flags, workbench, context));
    }),
  );

  const runs = declareRunsCommands(fovea.command('runs'), common);
  for (const [name, command] of Object.entries(runs))
    command.action(
      perform<RunsFlags & CommonFlags>(async (flags, { db }, operands) => {
        const { runRuns } = await import('./commands/runs-command.ts');
        return runRuns(name as RunsAction, operands, flags, db);
      }),
    );

  fovea
    .command('serve')
    .description('Serve the view to a browser, on this machine alone')
    .option('--port <n>', 'the port (default: a free one)', number, 0)
    .option('--no-open', 'do not open the browser')
    .action(
      perform<ServeFlags & CommonFlags>(async (flags, context) => {
        const { runServe } = await import('./commands/serve-command.ts');
        return runServe(flags, context, (line) => process.stdout.write(`${line}\n`));
      }),
    );

  return fovea;
}

/** Options of every command that gives a result. */
function common(command: Command): Command {
  return command.option('--json', 'one JSON document on stdout');
}

try {
  await program().parseAsync();
} catch (error) {
  // Commander has printed what was wrong; help and version are no errors.
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : WRONG_ARGUMENTS;
}
