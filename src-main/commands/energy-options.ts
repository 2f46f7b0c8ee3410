import { InvalidArgumentError, type Command } from 'commander';
import { declarePricingOptions, type PricingFlags } from './pricing-options.ts';

/** What commander makes of the options of `fovea energy`. */
export interface EnergyCommandOptions extends PricingFlags {
  /** Id of a described network. */
  readonly network?: string;
  /** Id of an installed model, or a file. */
  readonly model?: string;
  readonly bits?: number;
  readonly profile?: string;
  readonly adcLaw?: string;
  readonly adcBits?: number;
  /** An accelerator to explain instead of pricing anything. */
  readonly explain?: string;
}

/** Declares the options of `fovea energy`. */
export function declareEnergyOptions(command: Command): Command {
  return declarePricingOptions(command)
    .description('Price a network on bit-serial and other accelerators, from its geometry alone')
    .option('--network <name>', 'a published network, described without weights (vgg16, resnet50-v1.5, ...)')
    .option('--model <id|file>', 'an installed model or an ONNX file')
    .option(
      '--bits <n>',
      'activation bits of all layers (0..16; default 8), or of those a profile does not reach (default 16)',
      wholeNumber,
    )
    .option('--profile <bits|name>', 'bits by layer like 9-8-5-5-7, or a published profile (stripes-vgg19-100, ...)')
    .option('--adc-law <law>', "ISAAC's ADC: linear, isaac, square or exponential energy against resolved bits")
    .option('--adc-bits <n>', "bits that ISAAC's ADC resolves (1..8)", wholeNumber)
    .option(
      '--explain <accelerator>',
      'show parameters, sources, dataflow, switches, prices and self-checks of an accelerator',
    );
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}
