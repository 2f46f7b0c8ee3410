import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';

/** @throws FoveaError `bad-plan` naming a layer that a plan gives bits to and the model does not have */
export function checkPlanLayers(plans: readonly PrecisionPlan[], layers: readonly LayerGeometry[]): void {
  const known = new Set(layers.map(({ name }) => name));
  for (const { layerBits } of plans)
    for (const name of Object.keys(layerBits))
      if (!known.has(name))
        throw new FoveaError(
          'bad-plan',
          `the plan gives bits to ${name}, which is no layer of the model`,
          'fovea models inspect lists the layers.',
        );
}

/** Names of the layers that read the image itself. */
export function inputLayers({ layers, readsImage }: OpenedModel): string[] {
  return layers.filter((_, index) => readsImage[index]).map(({ name }) => name);
}
