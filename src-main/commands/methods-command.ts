import { extname } from 'node:path';
import { writeWholeFile } from '../files/whole-file.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { methodsHtml, methodsMarkdown } from '../text/methods-text.ts';
import type { Bench } from '../work/bench.ts';
import { methods } from '../work/methods.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { isTolerated, type MethodsFlags } from './folder-options.ts';
import { withSameCommand } from './next-step.ts';
import { partOutput, refuseReportOfPart, sharedSearchOf } from './shared-search.ts';
import { pricingOf } from './pricing.ts';

/**
 * `fovea methods`.
 * @throws FoveaError `dataset-empty` when a half is empty, `cancelled`, and what reading the folder or the model throws
 */
export async function runMethods(
  [folder = '']: readonly string[],
  flags: MethodsFlags,
  bench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const { model, out, labels, name, workers, allowFailed } = flags;
  const shared = sharedSearchOf(flags);
  refuseReportOfPart(flags);
  const pricing = await pricingOf(flags);
  const order = {
    ...{ model: bench.library.find(model ?? DEFAULT_MODEL), folder, labels, name, workers, pricing },
    ...shared,
  };
  const compared = await withSameCommand(() => methods(bench, order, context.work));
  if (compared.found === null)
    return partOutput(
      'methods',
      { ...compared, searched: compared.searched.flatMap(({ layerWise, joint }) => [layerWise, joint]) },
      flags,
      context,
    );
  const text = methodsMarkdown(compared, pricing);
  const { run, searched, found, leftOut, failed, remarked } = compared;
  if (out !== undefined) await writeWholeFile(out, extname(out) === '.html' ? methodsHtml(compared, pricing) : text);
  return {
    text,
    json: { run: { ...run, failed }, searched, ...found, leftOut, remarks: remarked },
    failed,
    tolerated: isTolerated(allowFailed, failed.length, run.images),
  };
}
