import type { ANALYSIS } from '../../src-shared/contract/analysis.ts';
import { builtinAccelerator } from '../../src-shared/energy/accelerators/builtin.ts';
import { defaultPricing } from '../../src-shared/energy/price-order.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { privately } from '../images/image-shelf.ts';
import { analyse } from '../work/analyse.ts';
import { exportAnalysis } from '../work/export-analysis.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';

export function analysisHandlers({ bench, shelf }: HostParts): HandlersOf<typeof ANALYSIS> {
  return {
    'analysis.run': async ({ imageId, modelId, plan, accelerators, counts }, work) => {
      const image = shelf.find(imageId);
      const order = {
        image: image.path,
        model: bench.library.find(modelId),
        plan: resolvePlan(plan),
        pricing: defaultPricing(accelerators?.map(builtinAccelerator)),
        counts,
      };
      const analysis = await privately(image, () => analyse(bench, order, work));
      return { ...analysis, image: { ...analysis.image, path: image.entry.path ?? image.entry.name } };
    },
    'analysis.export': ({ imageId, modelId, plan, kind, layer = null }, work) => {
      const order = {
        image: shelf.find(imageId).path,
        model: bench.library.find(modelId),
        plan: resolvePlan(plan),
        pricing: defaultPricing(),
        kind,
        layer,
      };
      return exportAnalysis(bench, order, work);
    },
  };
}
