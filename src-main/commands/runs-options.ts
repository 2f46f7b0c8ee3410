import { type Command, Option } from 'commander';
import { EXPORT_FORMATS, EXPORT_ROWS, type ExportFormat, type ExportRows } from '../../src-shared/runs/export-rows.ts';
import { declarePricingOptions, type PricingFlags } from './pricing-options.ts';

export interface RunExportFlags {
  readonly json?: boolean;
  readonly format?: ExportFormat;
  readonly rows?: ExportRows;
  readonly out?: string;
}

export interface KeptFlags {
  readonly release?: string;
}

export type RunsFlags = PricingFlags & RunExportFlags & KeptFlags;
export type RunsAction = keyof ReturnType<typeof declareRunsCommands>;

/** Declares `runs` and what it can do; the caller gives each its action. */
export function declareRunsCommands(runs: Command, common: (command: Command) => Command) {
  runs.description('List, show, compare, export, merge and delete what has been measured');
  const command = (nameAndArguments: string, description: string) =>
    common(runs.command(nameAndArguments)).description(description);
  return {
    list: command('list', 'All runs, newest first'),
    show: declarePricingOptions(command('show <run>', 'One run, by id, the beginning of its id, or name')),
    compare: declarePricingOptions(
      command('compare <run...>', 'What differs, paired tests, the images they disagree on; RUN:2 is its second plan'),
    ),
    export: declarePricingOptions(
      command('export <run>', 'All results as CSV or JSON, or the layers of one plan (RUN:2) for ZigZag or Timeloop'),
    )
      .addOption(
        new Option(
          '--format <name>',
          'csv (default), json (with --json, too), zigzag, or timeloop (a file a layer in the folder --out)',
        ).choices(EXPORT_FORMATS),
      )
      .addOption(
        new Option(
          '--rows <what>',
          'images (default; with energy where --accelerator is given), plans, layers averaged over the images, or image-layers',
        ).choices(EXPORT_ROWS),
      )
      .option('--out <file>', 'write a file instead of stdout; for timeloop, a folder'),
    merge: command(
      'merge [file...]',
      'Take over the runs of other stores, files or folders of them, and join shards; without any, those that are here',
    ),
    delete: command('delete <run...>', 'Delete runs and what only they have'),
    kept: command('kept', 'Images that pages sent, kept because runs refer to them').option(
      '--release <run>',
      'remove those that only this run refers to; its results stay',
    ),
    rename: command('rename <run> <name>', 'Give a run another name'),
    note: command('note <run> <text>', 'Keep a note with a run'),
  };
}
