import { extname } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { boundMarkdown } from '../text/bound-text.ts';
import { methodsHtml, methodsMarkdown } from '../text/methods-text.ts';
import type { Bench } from '../work/bench.ts';
import { boundMaps } from '../work/bound-maps.ts';
import { methods } from '../work/methods.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { BOUND_IMAGES, isTolerated, type MethodsFlags } from './folder-options.ts';
import { withSameCommand } from './next-step.ts';
import { partOutput, refuseReportOfPart, sharedSearchOf } from './shared-search.ts';
import { pricingOf } from './pricing.ts';

/** `fovea methods --bound`. */
async function runBound(
  folder: string,
  { model, labels, workers, out, allowFailed, shard, searchOnly, searchFrom }: MethodsFlags,
  bound: number | true,
  bench: Bench,
  { work }: CommandContext,
): Promise<CommandResult> {
  if (shard || searchOnly || searchFrom !== undefined)
    throw new FoveaError(
      'bad-argument',
      '--bound cannot be cut into parts',
      'Leave out --shard, --search-only and --search-from: it goes on where it was stopped.',
    );
  const images = bound === true ? BOUND_IMAGES : bound;
  const order = { model: bench.library.find(model ?? DEFAULT_MODEL), folder, labels, workers, images };
  const bounded = await boundMaps(bench, order, work);
  const text = boundMarkdown(bounded);
  if (out !== undefined) await writeWholeFile(out, text);
  const { failed } = bounded;
  return { text, json: bounded, failed, tolerated: isTolerated(allowFailed, failed.length, images) };
}

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
  if (flags.bound !== undefined) return runBound(folder, flags, flags.bound, bench, context);
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
