import type { Analysis } from '../../src-shared/analysis.ts';
import type { ANALYSIS } from '../../src-shared/contract/analysis.ts';
import type { ParsedInputOf } from '../../src-shared/contract/contract.ts';
import { builtinAccelerator } from '../../src-shared/energy/accelerators/builtin.ts';
import { defaultPricing } from '../../src-shared/energy/price-order.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { Work } from '../../src-shared/work.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { mapFor, privately } from '../images/image-shelf.ts';
import { analyse } from '../work/analyse.ts';
import { exportAnalysis } from '../work/export-analysis.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';

export function analysisHandlers({ bench, shelf }: HostParts): HandlersOf<typeof ANALYSIS> {
  const analysisOf = async (order: ParsedInputOf<'analysis.run'>, work: Work): Promise<Analysis> => {
    const image = shelf.find(order.imageId);
    const plan = resolvePlan(order.plan);
    const analysis = await privately(image, () =>
      analyse(
        bench,
        {
          image: image.path,
          model: bench.library.find(order.modelId),
          plan,
          maps: mapFor(image, plan),
          pricing: defaultPricing(order.accelerators?.map(builtinAccelerator)),
          counts: order.counts,
        },
        work,
      ).catch((error: unknown) => {
        throw paintable(error);
      }),
    );
    return { ...analysis, image: { ...analysis.image, path: image.entry.path ?? image.entry.name } };
  };

  return {
    'analysis.run': analysisOf,
    'analysis.several': async ({ imageId, modelId, plans }, work) => {
      const analyses: Analysis[] = [];
      for (const plan of plans) analyses.push(await analysisOf({ imageId, modelId, plan, counts: true }, work));
      return analyses;
    },
    'analysis.export': ({ imageId, modelId, plan, kind, layer = null }, work) => {
      const image = shelf.find(imageId);
      const order = {
        image: image.path,
        name: image.entry.path ?? image.entry.name,
        model: bench.library.find(modelId),
        plan: resolvePlan(plan),
        maps: mapFor(image, resolvePlan(plan)),
        pricing: defaultPricing(),
        kind,
        layer,
      };
      return privately(image, () => exportAnalysis(bench, order, work));
    },
  };
}

/** In a window there is more to do about a map that is missing than on the command line. */
function paintable(error: unknown): unknown {
  if (!(error instanceof FoveaError) || error.code !== 'map-missing') return error;
  const next = 'Paint one (Paint, above the image), or put one beside the photo.';
  return new FoveaError(error.code, error.message, next, { cause: error });
}
