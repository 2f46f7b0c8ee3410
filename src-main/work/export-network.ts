import { access, constants } from 'node:fs/promises';
import { basename, dirname, join, parse } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { foundLevels, needsCalibration, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { channelCount } from '../../src-shared/preprocessing.ts';
import type { Work } from '../../src-shared/work.ts';
import { unwritable, writeWholeFile } from '../files/whole-file.ts';
import { knownCalibration } from '../models/calibration.ts';
import type { InstalledModel } from '../models/model-library.ts';
import { type Bench, noteOnModel } from './bench.ts';
import { checkPlans } from './plan-layers.ts';

/** How to feed a rewritten model, for whoever runs it elsewhere. */
const FEEDING = [
  'Every input but the image belongs to the quantisation. N is the number of images of a batch, K the number of levels; level 0 is the least important.',
  'constants: one float32 scalar each.',
  "tables: float32 [N * K] each; the K values of image n stand from n * K on. Those given are the plan's, for one image.",
  'levels: int32 of the given shape; at each position n * K + level of the position in image n.',
  'Importance is a value from 0 to 1 for each cell of the image, cut into R x R cells. Along an axis of a map with at least R positions, position y of H has the importance of the cell that holds its centre, floor((2 y + 1) R / (2 H)); along a shorter one, the mean of the cells it covers, each by how much of it is covered.',
  'Levels are cut on each map. By shares: of its H W positions in ascending importance, levels 0 to k together have floor(H W (shares[0] + .. + shares[k]) + 1/2). Equally important positions come in the order of h(c + 1), where c is R times the row plus the column of the cell that holds the centre, and h the 32-bit finaliser of MurmurHash3; those of one cell in reading order. By thresholds: the level is how many of them the importance reaches.',
  'A map of a single row, class tokens, rows whose place cannot be told, and all of an image under metric uniform have level K - 1.',
  'Where all bits of a tensor are the same, its map may be one element an image.',
];

/** The same where the graph finds the levels of some tensors. */
const FEEDING_FOUND = [
  'A tensor with a threshold among its tables finds its levels itself: its levels are one element an image, n * K; entry 0 of its tables is for positions whose score does not exceed the threshold, entry 1 for the others, which output fovea.sensitive.<tensor> tells.',
];

export interface ExportNetworkOrder {
  readonly model: InstalledModel;
  readonly plan: PrecisionPlan;
  /** Absolute path of the ONNX file to write. */
  readonly out: string;
}

/**
 * Writes the rewritten model as one file, and a JSON file beside it that says how to feed it.
 * @throws FoveaError `output-unwritable`, `bad-argument` for an output that is the model itself, `calibration-missing`, `model-…`
 */
export async function exportNetwork(bench: Bench, { model, plan, out }: ExportNetworkOrder, work: Work) {
  if (out === model.path)
    throw new FoveaError('bad-argument', `--out is the model itself: ${out}`, 'Name another file.');
  const opened = await bench.known(model, work);
  checkPlans([plan], opened);
  noteOnModel(model, opened, work);
  const ranges = needsCalibration(plan) ? ((await knownCalibration(bench.dataFolder, opened))?.ranges ?? null) : null;
  // The engine may write into that folder and nowhere else: without it, writing would be said to be forbidden.
  await access(dirname(out), constants.W_OK).catch((error: unknown) => {
    throw unwritable(out, error);
  });
  const engine = bench.startWriter(dirname(out));
  const { bytes, inputs } = await engine
    .run('exportRewritten', { model: bench.requestFor(model.path), plan, ranges, out }, { signal: work.signal })
    .finally(() => engine.close());
  const { preprocessing, signature, card, outputKind, classes } = opened;
  const { layout, height, width } = preprocessing;
  const count = channelCount(preprocessing);
  const batch = signature.inputShape[0] ?? 'N';
  const feeding = {
    file: basename(out),
    version: bench.version,
    model: { id: model.id, sha256: opened.sha256 },
    plan,
    image: {
      name: signature.inputName,
      shape: layout === 'NCHW' ? [batch, count, height, width] : [batch, height, width, count],
      preprocessing,
    },
    output: { name: card?.output.name ?? signature.outputName, kind: outputKind, classes },
    ...inputs,
    feeding: foundLevels(plan) ? [...FEEDING, ...FEEDING_FOUND] : FEEDING,
  };
  const inputsFile = join(dirname(out), `${parse(out).name}.inputs.json`);
  await writeWholeFile(inputsFile, `${JSON.stringify(feeding, null, 2)}\n`);
  return { path: out, bytes, inputsFile, ...feeding };
}
