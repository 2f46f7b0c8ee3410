import { macWeightedBits, macWeightedLockstepBits } from '../../../src-shared/measurement.ts';
import { type Mask, type MaskVerdict, SEARCH_GRID, searchMap } from '../../../src-shared/precision/map-search.ts';
import { type PrecisionPlan, resolvePlan } from '../../../src-shared/precision/precision-plan.ts';
import { UNIFORM_WIDTHS } from '../../../src-shared/runs/controls.ts';
import type { BoundCost, ImageBound } from '../../../src-shared/runs/map-bound.ts';
import { topClasses } from '../../../src-shared/top-classes.ts';
import type { Network } from '../../network/network.ts';
import type { PlannedImage } from '../../network/level-maps.ts';
import {
  batch,
  inCompany,
  layerCounts,
  notFinite,
  PLAIN,
  prepareImage,
  probabilities,
  runBaseline,
  split,
} from './image-analysis.ts';
import type { OpenedModel } from './opened-model.ts';
import { type TaskContext, throwIfCancelled } from './task-context.ts';

/** Masks of one call: more do not make it faster. */
const MASKS_PER_CALL = 4;
const GRID = { rows: SEARCH_GRID, columns: SEARCH_GRID };
const ALL_HIGH = new Uint8Array(SEARCH_GRID ** 2).fill(1);

/**
 * The cheapest map of two widths that a search finds to keep an image's answer: the fewest uniform bits that keep it inside, a bit less,
 * or nothing at all, outside.
 * @param label the answer to be kept; null: the plain network's
 * @param tries masks for each pair of widths
 * @throws FoveaError `image-…`, `inference-failed`, `scores-not-finite`, `cancelled`
 */
export async function boundOfImage(
  network: Network,
  model: OpenedModel,
  { path, label, tries }: { readonly path: string; readonly label: number | null; readonly tries: number },
  { signal }: TaskContext,
): Promise<ImageBound> {
  const image = await prepareImage(path, model.preprocessing, new Float32Array(network.inputLength));
  await runBaseline(network, model, inCompany([image]));
  if (!image.baseline) throw notFinite(path, PLAIN);
  const plain = topClasses(image.baseline, 1).classes[0]!;
  const wanted = label ?? plain;

  /** Scores that are not finite are no answer, and keep nothing. */
  async function verdictsOf(planned: readonly PlannedImage[]): Promise<MaskVerdict[]> {
    const verdicts: MaskVerdict[] = [];
    for (let first = 0; first < planned.length; first += MASKS_PER_CALL) {
      throwIfCancelled(signal);
      const own = planned.slice(first, first + MASKS_PER_CALL);
      const calls = inCompany(own);
      const { scores } = await network.quantised(batch(calls.map(() => image.pixels)), calls, null, false);
      for (const each of split(scores, calls.length).slice(0, own.length)) {
        const answer = probabilities(each, model);
        if (!answer) {
          verdicts.push({ keeps: false, sureness: -1 });
          continue;
        }
        const { classes, probabilities: best } = topClasses(answer, 2);
        const rival = classes[0] === wanted ? (best[1] ?? 0) : best[0]!;
        verdicts.push({ keeps: classes[0] === wanted, sureness: answer[wanted]! - rival });
      }
    }
    return verdicts;
  }

  const costOf = (planned: PlannedImage): BoundCost => {
    const layers = layerCounts(network, planned, null, null, null);
    return {
      ideal: macWeightedBits(layers),
      lockstep: macWeightedLockstepBits(layers),
      compacted: macWeightedLockstepBits(
        layers.map(({ macs, lockstepBits, compactedBits }) => ({ macs, lockstepBits: compactedBits ?? lockstepBits })),
      ),
    };
  };

  const uniform = UNIFORM_WIDTHS.map((width) => masked(resolvePlan({ metric: 'uniform', bits: [width] }), ALL_HIGH));
  const kept = await verdictsOf(uniform);
  const widths = uniform.map((planned, at) => ({ keeps: kept[at]!.keeps, cost: costOf(planned) }));
  const known = { sha256: image.loaded.sha256, plainRight: plain === wanted, widths };
  const croppedInput = Object.fromEntries(
    model.layers.flatMap(({ name }, index) => (model.readsImage[index] ? [[name, [8, 0]]] : [])),
  );
  const high = UNIFORM_WIDTHS[kept.findLastIndex(({ keeps }) => keeps)];
  if (high === undefined || !known.plainRight) return { ...known, map: null };
  let map: ImageBound['map'] = null;
  let tried = 0;
  for (const low of new Set([high - 1, 0])) {
    // Importances are 0 and 1: where a position covers both, the mean decides.
    const plan = resolvePlan({
      ...{ metric: 'centre', regions: SEARCH_GRID, bits: [high, low], threshold: 0.5 },
      // What is cropped is cropped of the image, too.
      ...(low === 0 ? { layerBits: croppedInput } : {}),
    });
    const search = { tries, evaluate: (masks: readonly Mask[]) => verdictsOf(masks.map((mask) => masked(plan, mask))) };
    const found = await searchMap(search);
    tried += found.tried;
    const cost = costOf(masked(plan, found.mask));
    const highShare = found.mask.reduce((sum, cell) => sum + cell, 0) / found.mask.length;
    if (!map || cost.ideal < map.cost.ideal) map = { high, low, highShare, cost, tried };
  }
  return { ...known, map: map && { ...map, tried } };
}

/** A map that no metric gives takes the place of the plan's own. */
function masked(plan: PrecisionPlan, values: Mask): PlannedImage {
  return { plan, grid: GRID, values };
}
