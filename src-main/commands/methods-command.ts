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
import { halvedOrderOf, partOutput } from './shared-search.ts';

/** `fovea methods --bound`. */
async function runBound(
  folder: string,
  { model, labels, workers, out, maps, allowFailed, shard, searchOnly, searchFrom }: MethodsFlags,
  bound: number | true,
  bench: Bench,
  { work }: CommandContext,
): Promise<CommandResult> {
  if (maps !== undefined)
    throw new FoveaError('bad-argument', '--bound and --maps exclude each other', 'It searches for maps of its own.');
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
  const { out, maps, allowFailed } = flags;
  if (flags.bound !== undefined) return runBound(folder, flags, flags.bound, bench, context);
  const order = await halvedOrderOf(folder, flags, bench);
  const compared = await withSameCommand(() => methods(bench, { ...order, maps }, context.work));
  if (compared.found === null)
    return partOutput(
      'methods',
      { ...compared, searched: compared.searched.flatMap(({ layerWise, joint }) => [layerWise, joint]) },
      flags,
      context,
    );
  const text = methodsMarkdown(compared, order.pricing);
  const { run, searched, found, absent, leftOut, failed, remarked } = compared;
  if (out !== undefined)
    await writeWholeFile(out, extname(out) === '.html' ? methodsHtml(compared, order.pricing) : text);
  return {
    text,
    json: { run: { ...run, failed }, searched, ...found, absent, leftOut, remarks: remarked },
    failed,
    tolerated: isTolerated(allowFailed, failed.length, run.images),
  };
}
