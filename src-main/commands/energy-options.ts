import { InvalidArgumentError, type Command } from 'commander';

/** What commander makes of the options of `fovea energy`. */
export interface EnergyCommandOptions {
  /** Id of a described network. */
  readonly network?: string;
  /** Id of an installed model, or a file. */
  readonly model?: string;
  readonly accelerator?: readonly string[];
  readonly bits?: number;
  readonly profile?: string;
  readonly packed?: boolean;
  readonly adcLaw?: string;
  readonly adcBits?: number;
  /** An accelerator to explain instead of pricing anything. */
  readonly explain?: string;
}

/** Declares the options of `fovea energy`. */
export function declareEnergyOptions(command: Command): Command {
  return command
    .description('Price a network on bit-serial and other accelerators, from its geometry alone')
    .option('--network <name>', 'a published network, described without weights (vgg16, resnet50-v1.5, ...)')
    .option('--model <id|file>', 'an installed model or an ONNX file')
    .option('--accelerator <name|file...>', 'accelerators, or JSON files that describe one (default: all)')
    .option('--bits <n>', 'activation bits of all layers, or of those a profile does not reach (0..16)', wholeNumber)
    .option('--profile <bits|name>', 'bits by layer like 9-8-5-5-7, or a published profile (stripes-vgg19-100, ...)')
    .option('--packed', 'store and move values at their own width instead of 16 bits')
    .option('--adc-law <law>', "ISAAC's ADC: linear, isaac, square or exponential energy against resolved bits")
    .option('--adc-bits <n>', "bits that ISAAC's ADC resolves (1..8)", wholeNumber)
    .option('--explain <accelerator>', 'show parameters, sources, derivations and self-checks of an accelerator');
}

function wholeNumber(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError('expected a whole number.');
  return Number(text);
}
