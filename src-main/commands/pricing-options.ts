import { type Command, Option } from 'commander';
import {
  DEFAULT_ENERGY_MODE,
  ENERGY_MODES,
  type EnergyMode,
  MODE_MEANINGS,
  MODE_NAMES,
} from '../../src-shared/energy/energy-mode.ts';
import {
  DEFAULT_SWITCHES,
  IDLE_LANES,
  type IdleLanes,
  STORAGES,
  type Storage,
  WEIGHT_PLACES,
  type WeightPlace,
} from '../../src-shared/energy/energy-switches.ts';

// Loaded whatever the command: what reads accelerators is in `pricing.ts`.

/** What commander makes of the options of every command that prices something. */
export interface PricingFlags {
  readonly accelerator?: readonly string[];
  readonly mode?: EnergyMode | 'all';
  readonly storage?: Storage;
  readonly weights?: WeightPlace;
  readonly idleLanes?: IdleLanes;
}

export function declarePricingOptions(command: Command): Command {
  const modes = ENERGY_MODES.map((mode) => `${mode}: ${MODE_MEANINGS[mode].toLowerCase()}`).join('; ');
  return command
    .option('--accelerator <name|file...>', 'accelerators to price, or JSON files that describe one (default: all)')
    .addOption(
      new Option(
        '--mode <name>',
        `${modes}; all (default: ${MODE_NAMES[DEFAULT_ENERGY_MODE]} in tables, all in JSON)`,
      ).choices([...ENERGY_MODES, 'all']),
    )
    .addOption(
      new Option('--storage <name>', `width of stored activations (default: ${DEFAULT_SWITCHES.storage})`).choices(
        STORAGES,
      ),
    )
    .addOption(
      new Option(
        '--weights <place>',
        'where weights lie between two images (default: resident where the chip has room for all of them)',
      ).choices(WEIGHT_PLACES),
    )
    .addOption(
      new Option(
        '--idle-lanes <what>',
        `gated: energy per action; powered: power x time (default: ${DEFAULT_SWITCHES.idleLanes})`,
      ).choices(IDLE_LANES),
    );
}
