import type { Command } from 'commander';
import { declarePlanOptions, number, type PlanFlags } from './command-line.ts';

export interface ListFlags {
  readonly available?: boolean;
}
export interface AddFlags {
  readonly id?: string;
}
export interface InspectFlags {
  readonly images?: string;
  readonly labels?: string;
  readonly limit?: number;
  readonly saveCard?: boolean;
}
export interface CalibrateFlags {
  readonly percentile?: number;
  readonly limit?: number;
}
export interface ExportFlags extends PlanFlags {
  readonly out: string;
}
export interface DownloadFlags {
  readonly host?: string;
  readonly timeout?: number;
}

export type ModelsAction = keyof ReturnType<typeof declareModelsCommands>;

/** Declares `models` and what it can do; the caller gives each its action. */
export function declareModelsCommands(models: Command, common: (command: Command) => Command) {
  models.description('List, add, inspect, calibrate, export, download and remove models');
  const command = (nameAndArguments: string, description: string) =>
    common(models.command(nameAndArguments)).description(description);
  return {
    list: command('list', 'The installed models').option('--available', 'the models that can be downloaded instead'),
    add: command('add <file>', 'Copy an ONNX file, its card, labels and external data into your data folder').option(
      '--id <name>',
      'what to call it (default: the name of the file)',
    ),
    inspect: command('inspect <id|file>', 'What is known of a model: file, card, preprocessing, layers')
      .option('--images <folder>', 'labelled images: which preprocessing preset scores best on them')
      .option('--labels <file>', 'their labels, a CSV of file and label (default: found as fovea batch does)')
      .option('--limit <n>', 'use so many of the images, evenly chosen', number)
      .option('--save-card', 'write a card with the best preset beside the model'),
    calibrate: command(
      'calibrate <id|file> <folder>',
      'Find the range of each layer on images, and keep it with the model',
    )
      .option('--percentile <p>', 'share of the activations a range holds, in percent (default 99.99)', number)
      .option('--limit <n>', 'use so many of the images, evenly chosen (default 512)', number),
    export: declarePlanOptions(
      command(
        'export <id|file>',
        'Write the rewritten model as an ONNX file, and beside it what to feed it',
      ).requiredOption('--out <file>', 'the ONNX file to write'),
    ),
    download: command('download [name]', 'Download a model of the ONNX Model Zoo (without a name: list them)')
      .option('--host <url>', 'where to download from (default: FOVEA_MODEL_HOST, else https://huggingface.co)')
      .option('--timeout <seconds>', 'try again after so long without data (default 30)', number),
    remove: command('remove <id>', 'Remove an added or downloaded model; its runs keep their figures'),
    restore: command('restore <id>', 'Bring back the model of that name that was removed last'),
  };
}
