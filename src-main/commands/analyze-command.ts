import { join, parse } from 'node:path';
import { fromErrorRecord } from '../../src-shared/errors.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { analysisText } from '../text/analysis-text.ts';
import type { AnalyzeFlags } from './analyze-options.ts';
import { planOptionsOf, type CommandContext, type CommandResult } from './command-line.ts';
import { pricingOf } from './pricing.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { chosenLayer, writeOverlays } from '../images/overlay-files.ts';
import { analyseImages } from '../work/analyse.ts';
import { located, samples } from '../images/samples.ts';
import type { Bench } from '../work/bench.ts';

/**
 * `fovea analyze`: every image under one plan. A bad image fails alone; without images, the samples are analysed.
 * @throws FoveaError when the arguments or the model are wrong, or every image fails
 */
export async function runAnalyze(
  images: readonly string[],
  flags: AnalyzeFlags,
  bench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const plan = resolvePlan(await planOptionsOf(flags));
  const pricing = await pricingOf(flags);
  const model = bench.library.find(flags.model ?? DEFAULT_MODEL);
  const paths = images.length > 0 ? images.map(located) : samples();
  const stems = overlayStems(paths);
  const { analyses, failed } = await analyseImages(
    bench,
    {
      images: paths,
      model,
      plan,
      pricing,
      counts: true,
      maps: flags.maps,
      onAnalysis: async (analysis, index, { preprocessing }) => {
        if (flags.out === undefined) return;
        const layer = chosenLayer(analysis.layers, flags.layer ?? null);
        await writeOverlays(analysis, preprocessing, layer, join(flags.out, stems[index]!));
      },
    },
    context.work,
  );
  if (analyses.length === 0) {
    for (const { error } of failed.slice(1)) context.note(error.message);
    throw fromErrorRecord(failed[0]!.error);
  }
  return {
    text: analyses.map((analysis) => analysisText(analysis, pricing)).join('\n'),
    json: paths.length === 1 ? analyses[0] : analyses,
    failed: failed.map(({ path, error }) => ({ path, reason: error.message })),
  };
}

/** The photos' names without extension, numbered where several share one. */
function overlayStems(paths: readonly string[]): string[] {
  const taken = new Set<string>();
  return paths.map((path) => {
    const { name } = parse(path);
    let stem = name;
    for (let n = 2; taken.has(stem); n++) stem = `${name}-${n}`;
    taken.add(stem);
    return stem;
  });
}
