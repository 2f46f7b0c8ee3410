import { FoveaError } from '../../src-shared/errors.ts';
import { price, type PriceOrder } from '../../src-shared/energy/price-order.ts';
import { usesMaps } from '../../src-shared/precision/metrics.ts';
import { resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import { compareMethods, type MethodsComparison } from '../../src-shared/runs/methods-comparison.ts';
import { type AbsentMethod, type MethodContext, methodsPlans } from '../../src-shared/runs/methods-plans.ts';
import type { FailedImage, RemarkedImage, RunRecord } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import { findMaps, refuseMapless } from '../datasets/map-files.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { runFailures, runRemarks } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import type { Images } from './evaluator.ts';
import { searchJointPlanOn } from './find-joint-plan.ts';
import { layerWise, searchProfileOn } from './find-profile.ts';
import { onHalves, type PricedOrder, SEED } from './on-halves.ts';
import { inputLayers } from './plan-layers.ts';
import type { FoundProfile } from './plan-search.ts';
import { readOutcomes } from './read-outcomes.ts';

export interface MethodsOrder extends PricedOrder {
  /** Folder of importance maps for metric `given`; default: beside the photos, where all of them have one. */
  readonly maps?: string | undefined;
}

/** Bits found on one half of the images, layer by layer and by layer and level. */
export interface FoundOnHalf {
  readonly layerWise: FoundProfile;
  readonly joint: FoundProfile;
}

export interface ComparedMethods {
  readonly run: RunRecord;
  readonly searched: readonly [FoundOnHalf, FoundOnHalf];
  readonly found: MethodsComparison;
  readonly absent: readonly AbsentMethod[];
  readonly failed: readonly FailedImage[];
  readonly remarked: readonly RemarkedImage[];
  readonly layers: readonly LayerGeometry[];
  /** What of the network is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
}

/** What one task of several did: methods are compared on all images. */
export interface ComparedMethodsPart {
  /** Null where only the searches were asked for. */
  readonly run: RunRecord | null;
  readonly searched: readonly [FoundOnHalf, FoundOnHalf];
  readonly found: null;
  readonly failed: readonly FailedImage[];
}

/**
 * Every method on a folder: searches for bits on each half of the images, evaluates the plans of all methods on all of them, and tells
 * each half by what was chosen on the other. All is kept: the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, `map-…` where maps are named and none can be used, ...
 */
export async function methods(
  bench: Bench,
  order: MethodsOrder,
  work: Work,
): Promise<ComparedMethods | ComparedMethodsPart> {
  return onHalves(bench, order, 'methods', work, async ({ evaluator, dataset, split, name, search }) => {
    const { model, store } = evaluator;
    const { shard = null, searchOnly, maps } = order;
    const absent = await absentMethods(model, dataset, maps);
    const { digests, byAgreement } = split;
    const searchOn = async (half: string, calibration: typeof split.first): Promise<FoundOnHalf> => {
      const images = { calibration, digests, byAgreement };
      const own = { ...search, name: `${name}, ${half}` };
      const alone = await searchProfileOn(evaluator, dataset, images, own, layerWise(model, 'position'));
      const joint = { ...own, name: `${own.name}, layers and levels` };
      return { layerWise: alone, joint: await searchJointPlanOn(evaluator, dataset, images, joint) };
    };
    const searched = [await searchOn('first half', split.first), await searchOn('second half', split.second)] as const;
    if (searchOnly) return { run: null, searched, found: null, failed: [] };
    const [first, second] = searched.map(({ layerWise, joint }): MethodContext => ({
      layers: model.layers,
      inputLayers: inputLayers(model),
      staticPlan: layerWise.plan,
      jointPlan: joint.plan,
    })) as [MethodContext, MethodContext];
    const plans = methodsPlans([first, second], absent);
    const again = { digests, grows: false };
    const shared = {
      ...{ seed: SEED, shard, again },
      // Named maps that no method takes would be refused.
      ...(plans.plans.some(usesMaps) ? { maps } : {}),
    };
    const own = plans.plans.slice(0, plans.counted);
    // Counting takes longer than the network: controls are only asked what they get right. What is counted is not evaluated again.
    const counted = await evaluator.run(dataset, { ...shared, name: `${name} (counts)`, plans: own, detail: 'full' });
    const run = await evaluator.run(dataset, { ...shared, name, plans: plans.plans, detail: 'basic' });
    const failed = runFailures(store, run.id);
    if (shard) return { run, searched, found: null, failed };
    work.progress(figuresOf('counting-up'));
    const { layers, leftOut } = model;
    const { plans: full } = readOutcomes(store, counted.id);
    const answers = readOutcomes(store, run.id);
    const outcomes = {
      ...answers,
      plans: answers.plans.map((plan, index) => ({ ...plan, layers: (full[index] ?? plan).layers })),
    };
    if (outcomes.calibration.length === 0 || outcomes.rest.length === 0)
      throw new FoveaError(
        'dataset-empty',
        `${dataset.root}: too few images could be evaluated to choose on one half and report on the other`,
        'Give some hundred images.',
      );
    const pricing: PriceOrder = { ...order.pricing, modes: order.pricing.shownModes };
    const found = compareMethods(outcomes, plans, SEED, (counts) => price(pricing, counts, { leftOut }));
    return { run, searched, found, absent, layers, leftOut, failed, remarked: runRemarks(store, run.id) };
  });
}

/**
 * What needs more than a photo and any network. Known before any work begins.
 * @param maps the folder that was named
 */
async function absentMethods(
  { withoutActivation }: OpenedModel,
  { root, images }: Images,
  maps: string | undefined,
): Promise<AbsentMethod[]> {
  const absent: AbsentMethod[] = [];
  if (withoutActivation !== null)
    absent.push({ metric: 'saliency', why: `this network has no class-activation map: ${withoutActivation}` });
  const paths = images.map(({ path }) => path);
  const found = await findMaps(root, paths, [resolvePlan({ metric: 'given' })], maps);
  if (maps !== undefined) {
    refuseMapless(found);
    return absent;
  }
  // An image without a map would fail, and be missing from all other methods.
  const usable = [...(found ?? [])].filter(([, map]) => 'sha256' in map).length;
  if (usable < images.length)
    absent.push({
      metric: 'given',
      why:
        usable === 0
          ? 'no photo has a map beside it'
          : `only ${usable} of ${images.length} photos have a map beside them`,
    });
  return absent;
}
