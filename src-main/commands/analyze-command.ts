import { readdirSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import type { Analysis } from '../../src-shared/analysis.ts';
import { toErrorRecord } from '../../src-shared/errors.ts';
import { IMAGE_EXTENSIONS } from '../../src-shared/contract/files.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import { analysisText } from '../text/analysis-text.ts';
import { planOptionsOf, type CommandContext, type CommandResult, type PlanFlags } from './command-line.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { chosenLayer, writeOverlays } from '../images/overlay-files.ts';
import { checkPlanLayers } from '../work/plan-layers.ts';
import { projectFolder, unpacked } from '../files/project-folder.ts';
import type { Bench } from '../work/bench.ts';

export interface AnalyzeFlags extends PlanFlags {
  readonly model?: string;
  readonly accelerator?: readonly string[];
  readonly out?: string;
  /** False with `--no-cache`. */
  readonly cache?: boolean;
  /** Layer whose bits are drawn with `--out`; default: the layer with the most MACs. */
  readonly layer?: string;
}

/**
 * `fovea analyze`: every image under one plan. A bad image fails alone; without images, the samples are analysed.
 * @throws FoveaError when the arguments or the model are wrong, or every image fails
 */
export async function runAnalyze(
  images: readonly string[],
  flags: AnalyzeFlags,
  workbench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const plan = resolvePlan(await planOptionsOf(flags));
  const accelerators = await resolveAccelerators(flags.accelerator);
  const model = workbench.library.find(flags.model ?? DEFAULT_MODEL);
  const paths = images.length > 0 ? images.map((image) => resolve(image)) : samples();
  const { signal } = context;
  const opened = await workbench.known(model, { signal });
  checkPlanLayers([plan], opened.layers);
  if (opened.preset) context.note(`${model.id} has no card: preprocessing preset "${opened.preset}" is assumed`);
  const ranges = await workbench.ranges(opened, [plan], paths, { signal, onProgress: () => undefined }, (count) =>
    context.note(`${model.id} has no calibrated ranges: calibrated on ${count} of the images given`),
  );
  const analyses: Analysis[] = [];
  const failed: { path: string; reason: string; error: unknown }[] = [];
  const stems = overlayStems(paths);
  for (const [index, path] of paths.entries()) {
    if (paths.length > 1) context.progress(`${index + 1} of ${paths.length} images`);
    try {
      const analysis = await workbench.analyse(
        { image: path, model, plan, accelerators, counts: true, ranges },
        { signal },
      );
      analyses.push(analysis);
      if (flags.out !== undefined)
        await writeOverlays(
          analysis,
          opened.preprocessing,
          chosenLayer(analysis.layers, flags.layer ?? null),
          join(flags.out, stems[index]!),
        );
    } catch (error) {
      const record = toErrorRecord(error);
      if (!record.code.startsWith('image-')) throw error;
      failed.push({ path, reason: record.message, error });
    }
  }
  if (analyses.length === 0) {
    for (const { reason } of failed.slice(1)) context.note(reason);
    throw failed[0]!.error;
  }
  return {
    text: analyses.map((analysis) => analysisText(analysis, accelerators)).join('\n'),
    json: paths.length === 1 ? analyses[0] : analyses,
    failed: failed.map(({ path, reason }) => ({ path, reason })),
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

/** The pictures that come with Fovea. */
export function samples(): string[] {
  const folder = unpacked(join(projectFolder(), 'resources', 'samples'));
  return readdirSync(folder)
    .filter((name) => IMAGE_EXTENSIONS.some((extension) => name.endsWith(extension)))
    .sort()
    .map((name) => join(folder, name));
}
