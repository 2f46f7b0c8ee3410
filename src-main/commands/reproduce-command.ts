import { writeWholeFile } from '../files/whole-file.ts';
import { reproduceMarkdown } from '../text/reproduction-text.ts';
import type { Bench } from '../work/bench.ts';
import { reproduce } from '../work/reproduce.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { isTolerated, type ReproduceFlags } from './folder-options.ts';
import { withSameCommand } from './next-step.ts';
import { halvedOrderOf, partOutput } from './shared-search.ts';

/**
 * `fovea reproduce`.
 * @throws FoveaError `dataset-empty` when a half is empty, `cancelled`, and what reading the folder or the model throws
 */
export async function runReproduce(
  [folder = '']: readonly string[],
  flags: ReproduceFlags,
  bench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const { out, allowFailed } = flags;
  const order = await halvedOrderOf(folder, flags, bench);
  const reproduced = await withSameCommand(() => reproduce(bench, order, context.work));
  if (reproduced.found === null)
    return partOutput('reproduce', { ...reproduced, searched: [reproduced.profile] }, flags, context);
  const text = reproduceMarkdown(reproduced, order.pricing);
  const { run, profile, found, leftOut, failed, remarked } = reproduced;
  if (out !== undefined) await writeWholeFile(out, text);
  return {
    text,
    json: { run: { ...run, failed }, staticProfile: profile, ...found, leftOut, remarks: remarked },
    failed,
    tolerated: isTolerated(allowFailed, failed.length, run.images),
  };
}
