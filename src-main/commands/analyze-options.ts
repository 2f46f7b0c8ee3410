import type { Command } from 'commander';
import {
  declareDeviceOption,
  declareMapsOption,
  declarePixelOptions,
  declarePlanOptions,
  type PlanFlags,
} from './command-line.ts';
import { declarePricingOptions, type PricingFlags } from './pricing-options.ts';

export interface AnalyzeFlags extends PlanFlags, PricingFlags {
  readonly model?: string;
  readonly maps?: string;
  readonly out?: string;
  /** Layer whose bits are drawn with `--out`; default: the layer with the most MACs. */
  readonly layer?: string;
}

export function declareAnalyzeOptions(command: Command): Command {
  return declareMapsOption(
    declarePlanOptions(
      declarePricingOptions(
        declareDeviceOption(
          declarePixelOptions(
            command
              .description('Run the plain and the region-quantised network on images, and compare')
              .argument(
                '[image...]',
                'image files, or sample:NAME for one that comes with Fovea (default: the samples)',
              )
              .option('--model <id|file>', 'an installed model or an ONNX file (default: the embedded one)')
              .option('--out <folder>', 'write importance, levels and bits over each photo as PNG')
              .option('--layer <name>', 'layer whose bits are drawn with --out (default: the one with the most MACs)')
              .option('--no-cache', 'measure anew: neither look up results of earlier runs nor keep these'),
          ),
        ),
      ),
    ),
  );
}
