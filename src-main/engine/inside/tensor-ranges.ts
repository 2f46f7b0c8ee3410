import { FoveaError } from '../../../src-shared/errors.ts';
import type { LayerRange } from '../../../src-shared/precision/layer-range.ts';
import type { RangeMode } from '../../../src-shared/precision/precision-plan.ts';
import type { Network } from '../../network/network.ts';
import type { CalibratedRanges } from '../engine-protocol.ts';
import type { OpenedModel } from './opened-model.ts';

/**
 * The calibrated range of each tensor; null where the plan needs none.
 * @throws FoveaError `calibration-missing`
 */
export function tensorRanges(
  network: Network,
  model: OpenedModel,
  range: RangeMode,
  given: CalibratedRanges | null,
): LayerRange[] | null {
  if (range !== 'layer') return null;
  const ranges = given ?? model.card?.calibration?.ranges;
  return network.tensors.map((_, tensor) => {
    const layer = network.layers[network.tensorOfLayer.indexOf(tensor)]!.name;
    const own = ranges?.[layer];
    if (own === undefined)
      throw new FoveaError(
        'calibration-missing',
        `${model.path}: no calibrated range for layer ${layer}, which range "layer" needs`,
        'Run fovea models calibrate, or use --range position.',
      );
    return own;
  });
}
