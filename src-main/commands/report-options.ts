import type { Command } from 'commander';
import { declarePlanOptions, type PlanFlags } from './command-line.ts';

export interface ReportFlags extends PlanFlags {
  readonly out: string;
  readonly model?: string;
}

export function declareReportOptions(command: Command): Command {
  return declarePlanOptions(
    command
      .description('Write a report as one HTML file that needs nothing else')
      .argument(
        '<run|image...>',
        'a run; runs to compare (RUN:2 is a second plan); or an image file or sample:NAME, under the plan options',
      )
      .requiredOption('--out <file>', 'the HTML file to write')
      .option('--model <id|file>', 'for an image: an installed model or an ONNX file (default: the embedded one)'),
  );
}
