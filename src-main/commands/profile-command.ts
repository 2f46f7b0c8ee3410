import { FoveaError } from '../../src-shared/errors.ts';
import { optionsOfPlan } from '../../src-shared/precision/precision-plan.ts';
import { profileText } from '../../src-shared/precision/profile-search.ts';
import { TOLERANCE } from '../../src-shared/runs/policies.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { DEFAULT_MODEL } from '../models/model-library.ts';
import { jointOutput } from '../text/joint-text.ts';
import { runOutput } from '../text/run-text.ts';
import { textTable } from '../text/text-table.ts';
import type { Bench } from '../work/bench.ts';
import { findJointPlan } from '../work/find-joint-plan.ts';
import { findProfile } from '../work/find-profile.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import { isTolerated, type ProfileFlags } from './folder-options.ts';
import { withSameCommand } from './next-step.ts';
import { partOutput, sharedSearchOf } from './shared-search.ts';
import { pricingOf } from './pricing.ts';

/**
 * `fovea profile`. All is kept: the same command given again goes on with the runs it began.
 * @throws FoveaError `bad-argument`, `dataset-empty` when a half is empty, `cancelled`, ...
 */
export async function runProfile(
  [folder = '']: readonly string[],
  flags: ProfileFlags,
  bench: Bench,
  context: CommandContext,
): Promise<CommandResult> {
  const { tolerance = 100 * TOLERANCE, keeps = 'top1', range = 'position', out, labels, name, workers } = flags;
  if (tolerance < 0 || tolerance > 100)
    throw new FoveaError('bad-argument', `--tolerance: expected 0 to 100 points, found ${tolerance}`, '');
  const shared = sharedSearchOf(flags);
  if (flags.joint && Object.values(shared).some((value) => value !== undefined))
    throw new FoveaError(
      'bad-argument',
      '--joint cannot be cut into parts',
      'Leave out --shard, --search-only and --search-from: it tells each half of the images by the other.',
    );
  const pricing = await pricingOf(flags);
  const model = bench.library.find(flags.model ?? DEFAULT_MODEL);
  const order = { model, folder, labels, name, workers, range, keeps, tolerance: tolerance / 100, seed: 1, ...shared };
  if (flags.joint) {
    const joint = await withSameCommand(() => findJointPlan(bench, { ...order, range: flags.range }, context.work));
    if (out !== undefined) await writeWholeFile(out, `${JSON.stringify(optionsOfPlan(joint.found.plan), null, 2)}\n`);
    return jointOutput(joint, { keeps, tolerance }, pricing);
  }
  const { found, layers, measured } = await withSameCommand(() => findProfile(bench, order, context.work));
  const bits = layers.map((layer, index) => ({ name: layer.name, bits: found.bits[index]!, macs: layer.macs }));
  if (out !== undefined)
    await writeWholeFile(
      out,
      `${JSON.stringify(Object.fromEntries(bits.map((layer) => [layer.name, layer.bits])), null, 2)}\n`,
    );
  if (!measured || measured.run.shard)
    return partOutput(
      'profile',
      { run: measured?.run ?? null, searched: [found], failed: measured?.failed ?? [] },
      flags,
      context,
    );
  const { run, report, failed, remarked } = measured;
  const output = runOutput(run, report, failed, remarked, pricing);
  return {
    text: [
      `Profile  ${profileText(found.bits)}\n`,
      textTable(
        ['layer', 'bits', 'MACs'],
        bits.map((layer) => [layer.name, layer.bits, layer.macs]),
      ),
      `Found on ${found.images} images (${found.right} right, with the plain network ${found.plainRight}; ` +
        `${found.plansTried} profiles tried), ` +
        (found.byAgreement
          ? `by agreement with the plain network, labels being few; measured on all ${run.images}:\n`
          : `measured on the other ${run.images}:\n`),
      output.text,
    ].join('\n'),
    json: {
      profile: found.bits,
      layers: bits,
      keeps,
      tolerance,
      search: {
        byAgreement: found.byAgreement,
        images: found.images,
        plainRight: found.plainRight,
        right: found.right,
        profilesTried: found.plansTried,
        run: found.runId,
      },
      measured: output.json,
    },
    failed,
    tolerated: isTolerated(flags.allowFailed, failed.length, run.images),
  };
}
