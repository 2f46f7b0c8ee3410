import { FoveaError } from '../../src-shared/errors.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { noClassActivation } from '../network/class-activation.ts';
import { type PrecisionPlan, saliencyPass } from '../../src-shared/precision/precision-plan.ts';

/**
 * Whether a model can be run under plans, as far as that is known before any work begins.
 * @throws FoveaError `bad-plan` naming a layer that a plan gives bits to and the model does not have; `model-unsupported` where a plan takes
 * class-activation maps and the network has none
 */
export function checkPlans(
  plans: readonly PrecisionPlan[],
  { layers, path, withoutActivation }: Pick<OpenedModel, 'layers' | 'path' | 'withoutActivation'>,
): void {
  const known = new Set(layers.map(({ name }) => name));
  for (const { layerBits } of plans)
    for (const name of Object.keys(layerBits))
      if (!known.has(name))
        throw new FoveaError(
          'bad-plan',
          `the plan gives bits to ${name}, which is no layer of the model`,
          'fovea models inspect lists the layers.',
        );
  if (withoutActivation !== null && plans.some((plan) => saliencyPass(plan)))
    throw noClassActivation(path, withoutActivation);
}

/** Names of the layers that read the image itself. */
export function inputLayers({ layers, readsImage }: OpenedModel): string[] {
  return layers.filter((_, index) => readsImage[index]).map(({ name }) => name);
}
