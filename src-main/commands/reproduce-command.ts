import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import { inputLayers } from './batch-command.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import type { ReproduceFlags } from './folder-options.ts';
import { FolderSession } from '../work/folder-session.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { reproduceMarkdown } from '../text/reproduction-text.ts';
import { reproducePlans } from '../../src-shared/runs/reproduce-plans.ts';
import { reproductionOf } from '../work/reproduction.ts';
import { readOutcomes } from '../work/run-outcomes.ts';
import { runFailures } from '../store/run-query.ts';
import { writeWhole } from './runs-command.ts';
import { findProfile, halves } from '../work/static-profile.ts';
import type { Bench } from '../work/bench.ts';

const SEED = 1;

/**
 * `fovea reproduce`: finds a static profile on half of the images, then evaluates all plans on all of them. All is kept: the
 * same command given again goes on with the runs it began.
 * @throws FoveaError `dataset-empty` when a half is empty, `cancelled`, and what reading the folder or the model throws
 */
export async function runReproduce(
  folder: string,
  flags: ReproduceFlags,
  workbench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const accelerators = await resolveAccelerators(flags.accelerator);
  const model = workbench.library.find(flags.model ?? DEFAULT_MODEL);
  const session = await FolderSession.open(
    { model, workers: flags.workers, oneRun: false, cache: flags.cache },
    workbench,
    context,
  );
  try {
    const dataset = await session.readDataset(folder, flags.labels);
    const name = flags.name ?? `${basename(dataset.root)}: reproduction`;
    const split = await halves(session, dataset);
    if (split.calibration.length === 0 || split.rest.length === 0)
      throw new FoveaError(
        'dataset-empty',
        `${dataset.root}: ${dataset.images.length} images are too few to choose on one half and report on the other`,
        'Give some hundred images.',
      );
    const order = { name, range: 'position', keeps: 'top1', tolerance: TOLERANCE, seed: SEED } as const;
    const profile = await findProfile(session, dataset, split, order, context.progress);
    const plans = reproducePlans(inputLayers(session.model), profile.path);
    const again = { digests: split.digests, grows: false };
    const run = await session.run(dataset, { name, plans: plans.plans, detail: 'basic', seed: SEED, again });
    context.progress('counting up');
    const found = reproductionOf(
      readOutcomes(session.store, run.id),
      plans,
      SEED,
      (layers, staticProfile) => workbench.price(accelerators, layers, { staticProfile }).estimates,
    );
    const text = reproduceMarkdown(run, profile, found);
    if (flags.out !== undefined) await writeWhole([text], flags.out);
    const failed = runFailures(session.store, run.id);
    return { text, json: { run: { ...run, failed }, staticProfile: profile, ...found }, failed };
  } finally {
    session.close();
  }
}
