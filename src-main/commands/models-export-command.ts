import { writeFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, parse, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { bytesText } from '../text/byte-progress.ts';
import { knownCalibration } from '../models/calibration.ts';
import { planOptionsOf, type CommandContext, type CommandResult } from './command-line.ts';
import type { ExportFlags } from './models-options.ts';
import { checkPlanLayers } from '../work/plan-layers.ts';
import { oneLine } from '../text/text-table.ts';
import { requestFor, type Bench } from '../work/bench.ts';

/** How to feed a rewritten model, for whoever runs it elsewhere. */
const FEEDING = [
  'Every input but the image belongs to the quantisation. N is the number of images of a batch, K the number of levels; level 0 is the least important.',
  'constants: one float32 scalar each.',
  "tables: float32 [N * K] each; the K values of image n stand from n * K on. Those given are the plan's, for one image.",
  'levels: int32 of the given shape; at each position n * K + level of the position in image n.',
  'The level of position (y, x) of a map of H x W is that of cell (floor((2 y + 1) R / (2 H)), floor((2 x + 1) R / (2 W))) of the image, cut into R x R regions; a map of one position has level K - 1.',
  'Where all bits of a tensor are the same, its map may be one element an image.',
];

/**
 * `fovea models export`: the rewritten model as one file, and a JSON file beside it that says how to feed it.
 * @throws FoveaError `output-unwritable`, `bad-argument` for an output that is the model itself, `calibration-missing`, `model-…`
 */
export async function runModelsExport(
  [reference = '']: readonly string[],
  flags: ExportFlags,
  workbench: Bench,
  { signal, dataFolder, version, note }: CommandContext,
): Promise<CommandResult> {
  const plan = resolvePlan(await planOptionsOf(flags));
  const model = workbench.library.find(reference);
  const out = resolve(flags.out);
  if (out === model.path)
    throw new FoveaError('bad-argument', `--out is the model itself: ${out}`, 'Name another file.');
  const opened = await workbench.open(model, { signal });
  checkPlanLayers([plan], opened.layers);
  if (opened.preset) note(`${model.id} has no card: preprocessing preset "${opened.preset}" is assumed`);
  const ranges = plan.range === 'layer' ? ((await knownCalibration(dataFolder, opened))?.ranges ?? null) : null;
  const { bytes, inputs } = await workbench.engine.run(
    'exportRewritten',
    { model: requestFor(model.path), plan, ranges, out },
    { signal },
  );
  const { preprocessing, signature, card, outputKind, classes } = opened;
  const { layout, channels, height, width } = preprocessing;
  const count = channels === 'grey' ? 1 : 3;
  const batch = signature.inputShape[0] ?? 'N';
  const feeding = {
    file: basename(out),
    version,
    model: { id: model.id, sha256: opened.sha256 },
    plan,
    image: {
      name: signature.inputName,
      shape: layout === 'NCHW' ? [batch, count, height, width] : [batch, height, width, count],
      preprocessing,
    },
    output: { name: card?.output.name ?? signature.outputName, kind: outputKind, classes },
    ...inputs,
    feeding: FEEDING,
  };
  const feedingFile = join(dirname(out), `${parse(out).name}.inputs.json`);
  await writeText(feedingFile, `${JSON.stringify(feeding, null, 2)}\n`);
  return {
    text: `${oneLine(out)}: ${bytesText(bytes)}, range per ${plan.range}\n${oneLine(feedingFile)}: what to feed it\n`,
    json: { path: out, bytes, inputsFile: feedingFile, ...feeding },
  };
}

async function writeText(path: string, text: string): Promise<void> {
  const unfinished = `${path}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, text);
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw new FoveaError('output-unwritable', `${path}: cannot be written`, 'Check folder and disk.', { cause: error });
  }
}
