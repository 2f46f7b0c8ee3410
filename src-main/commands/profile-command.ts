import { writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { profileText } from '../../src-shared/precision/profile-search.ts';
import { resolveAccelerators } from '../files/accelerator-file.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import type { ProfileFlags } from './folder-options.ts';
import { FolderSession } from '../work/folder-session.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { runFailures } from '../store/run-query.ts';
import { runReport } from '../work/run-report.ts';
import { runOutput } from './runs-command.ts';
import { findProfile, halves } from '../work/static-profile.ts';
import { textTable } from '../text/text-table.ts';
import type { Bench } from '../work/bench.ts';

/**
 * `fovea profile`. All is kept: the same command given again goes on with the runs it began.
 * @throws FoveaError `bad-argument`, `dataset-empty` when a half is empty, `cancelled`, ...
 */
export async function runProfile(
  folder: string,
  flags: ProfileFlags,
  workbench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const { tolerance = 100 * TOLERANCE, keeps = 'top1', range = 'position', out } = flags;
  if (tolerance < 0 || tolerance > 100)
    throw new FoveaError('bad-argument', `--tolerance: expected 0 to 100 points, found ${tolerance}`, '');
  const accelerators = await resolveAccelerators(flags.accelerator);
  const model = workbench.library.find(flags.model ?? DEFAULT_MODEL);
  const session = await FolderSession.open(
    { model, workers: flags.workers, oneRun: false, cache: flags.cache },
    workbench,
    context,
  );
  try {
    const dataset = await session.readDataset(folder, flags.labels);
    const name = flags.name ?? `${basename(dataset.root)}: static profile`;
    const split = await halves(session, dataset);
    const { calibration, rest, digests } = split;
    if (calibration.length === 0 || rest.length === 0)
      throw new FoveaError(
        'dataset-empty',
        `${dataset.root}: ${dataset.images.length} images are too few to find bits on one half and measure on the other`,
        'Give some hundred images.',
      );
    const order = { name, range, keeps, tolerance: tolerance / 100, seed: 1 };
    const found = await findProfile(session, dataset, split, order, context.progress);
    const plans = [found.plan, resolvePlan({ metric: 'uniform', bits: [8], range })];
    const again = { digests, grows: false };
    const run = await session.run(dataset, { name, plans, detail: 'basic', seed: 1, images: rest, again });
    const { layers } = session.model;
    if (out !== undefined)
      await writeLayerBits(out, Object.fromEntries(layers.map((layer, index) => [layer.name, found.bits[index]!])));
    const report = runReport(session.store, run.id);
    const failed = runFailures(session.store, run.id);
    const output = runOutput(run, report, failed, (...input) => workbench.price(accelerators, ...input).estimates);
    const searched = {
      images: found.images,
      plainRight: found.plainRight,
      right: found.right,
      profilesTried: found.plansTried,
      run: found.runId,
    };
    return {
      text: [
        `Profile  ${profileText(found.bits)}\n`,
        textTable(
          ['layer', 'bits', 'MACs'],
          layers.map((layer, index) => [layer.name, found.bits[index]!, layer.macs]),
        ),
        `Found on ${found.images} images (${found.right} right, with the plain network ${found.plainRight}; ` +
          `${found.plansTried} profiles tried), measured on the other ${rest.length}:\n`,
        output.text,
      ].join('\n'),
      json: {
        profile: found.bits,
        layers: layers.map((layer, index) => ({ name: layer.name, bits: found.bits[index]!, macs: layer.macs })),
        keeps,
        tolerance,
        search: searched,
        measured: output.json,
      },
      failed,
    };
  } finally {
    session.close();
  }
}

async function writeLayerBits(file: string, bits: Readonly<Record<string, number>>): Promise<void> {
  try {
    await writeFile(file, `${JSON.stringify(bits, null, 2)}\n`);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FoveaError('output-unwritable', `${file}: cannot be written: ${reason}`, 'Check the folder.', {
      cause: error,
    });
  }
}
