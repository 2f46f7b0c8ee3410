import { FoveaError } from '../../../src-shared/errors.ts';
import { type LayerRange, scoresOf } from '../../../src-shared/precision/layer-range.ts';
import { foundLevels, needsCalibration, type PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';
import type { Network } from '../../network/network.ts';
import type { CalibratedRanges } from '../engine-protocol.ts';
import type { OpenedModel } from './opened-model.ts';

/**
 * What calibration found of each tensor; null where the plan needs nothing of it.
 * @throws FoveaError `calibration-missing`
 */
export function tensorRanges(
  network: Network,
  model: OpenedModel,
  plan: PrecisionPlan,
  given: CalibratedRanges | null,
): LayerRange[] | null {
  if (!needsCalibration(plan)) return null;
  const ranges = given ?? model.card?.calibration?.ranges;
  const found = foundLevels(plan);
  return network.tensors.map((_, tensor) => {
    const layer = network.layers[network.tensorOfLayer.indexOf(tensor)]!.name;
    const own = ranges?.[layer];
    if (own === undefined)
      throw new FoveaError(
        'calibration-missing',
        `${model.path}: no calibrated range for layer ${layer}, which ${found ? `metric "${plan.metric}"` : 'range "layer"'} needs`,
        'Run fovea models calibrate, or use --range position and a metric of the image.',
      );
    if (found && network.findsLevels(tensor)) scoresOf(own, found);
    return own;
  });
}
