import { type LayerGeometry, macWeightedGroupBits } from '../../src-shared/measurement.ts';
import { PLAN_OPTIONS } from '../../src-shared/precision/plan-option-table.ts';
import { type PrecisionPlan, type RangeMode, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import {
  allocationPath,
  harmByWidth,
  lastKeeping,
  type LevelWidths,
  MAX_ALLOCATED_BITS,
  type TensorCurve,
} from '../../src-shared/precision/width-allocation.ts';
import { distinctPlans, UNIFORM_WIDTHS, uniformFrontier, withControls } from '../../src-shared/runs/controls.ts';
import {
  FEW_IMAGES,
  type PairedOutcome,
  pairedCounts,
  pairedOutcome,
} from '../../src-shared/runs/paired-statistics.ts';
import { FULL_BITS } from '../../src-shared/runs/run-outcomes.ts';
import { canonicalJson, inFirstHalf } from '../../src-shared/runs/run-record.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { LayerCountsMean } from '../store/layer-counts-blob.ts';
import { imageResults } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import type { Evaluator, Images } from './evaluator.ts';
import { imageTensors, macsByTensor, profilePlan } from './find-profile.ts';
import { type HalvedOrder, onHalves } from './on-halves.ts';
import {
  type FoundProfile,
  isRight,
  type PlanScore,
  PlanSearch,
  type SearchedImages,
  type SearchOrder,
} from './plan-search.ts';

/** What a way to choose plans makes of images that it did not see: each under the plan that was chosen on the half it is not in. */
export interface UnseenOutcome {
  readonly images: number;
  readonly plainRight: number;
  readonly right: number;
  /** Of the plan against the plain network. */
  readonly difference: Omit<PairedOutcome, 'familyPValue'>;
  /** Share of 8 bits saved where groups of 16 channels of a position skip their leading zeros. */
  readonly savedByGroup: number;
}

export interface JointPlanOrder extends HalvedOrder {
  /** Default: by position. Blocks with floors cost more for what they keep. */
  readonly range?: RangeMode | undefined;
}

export interface MeasuredJointPlan {
  readonly found: FoundProfile;
  /** Found on the first half of the images, and on the second. */
  readonly byHalf: readonly [FoundProfile, FoundProfile];
  readonly unseen: UnseenOutcome;
  /** The same of uniform bits, the fewest that keep as much on the other half. */
  readonly uniformUnseen: UnseenOutcome;
  readonly layers: readonly LayerGeometry[];
  /** The plan on all images, beside its controls. */
  readonly measured: EvaluatedRun;
}

/**
 * Finds bits by layer and by level together, those that cost least where groups of channels skip leading zeros: once on each half of the
 * images, each told by the other half; and the plan to use, where labels are few, by agreement on all images, else on the first half.
 * All is kept: the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, ...
 */
export async function findJointPlan(bench: Bench, order: JointPlanOrder, work: Work): Promise<MeasuredJointPlan> {
  return onHalves(bench, order, 'joint plan', work, async ({ evaluator, dataset, split, name, search }) => {
    const { model, store } = evaluator;
    const labelled = dataset.images.filter(({ label }) => label !== null).length;
    const byAgreement = labelled < 2 * FEW_IMAGES;
    const { digests } = split;
    const searchOn = (part: string, calibration: typeof split.first) =>
      searchJointPlanOn(
        evaluator,
        dataset,
        { calibration, digests, byAgreement },
        { ...search, range: order.range, name: `${name}, ${part}` },
      );
    const first = await searchOn('first half', split.first);
    const second = await searchOn('second half', split.second);
    const found = byAgreement ? await searchOn('all images', [...split.first, ...split.second]) : first;
    const frontier = uniformFrontier(resolvePlan({ range: order.range ?? 'position' }));
    const uniformOf = ({ uniformBits }: FoundProfile) =>
      frontier[UNIFORM_WIDTHS.findIndex((width) => width === uniformBits)]!;
    const asked = [found.plan, first.plan, second.plan, uniformOf(first), uniformOf(second)];
    const plans = withControls(distinctPlans(asked), model.layers);
    const run = await evaluator.run(dataset, {
      name,
      plans,
      detail: 'full',
      seed: search.seed,
      again: { digests, grows: false },
    });
    const keys = plans.map((plan) => canonicalJson(plan));

    /** @param chosen on the first half of the images, and on the second */
    function unseen(chosen: readonly [PrecisionPlan, PrecisionPlan]): UnseenOutcome {
      const plain: number[] = [];
      const joint: number[] = [];
      const groups = new LayerCountsMean(model.layers);
      for (const [half, plan] of chosen.entries())
        for (const result of imageResults(store, run.id, keys.indexOf(canonicalJson(plan)))) {
          // Chosen on the first half: told by the second.
          if (inFirstHalf(result.sha256) === (half === 0)) continue;
          const wanted = result.label ?? result.baseline.classes[0];
          plain.push(Number(isRight(result.baseline, wanted, search.keeps)));
          joint.push(Number(isRight(result.quantised, wanted, search.keeps)));
          groups.add(result.counts);
        }
      const sum = (values: readonly number[]) => values.reduce((all, value) => all + value, 0);
      return {
        images: plain.length,
        plainRight: sum(plain),
        right: sum(joint),
        difference: pairedOutcome(pairedCounts(plain, joint, [...plain.keys()])),
        savedByGroup: 1 - macWeightedGroupBits(groups.mean()) / FULL_BITS,
      };
    }

    return {
      found,
      byHalf: [first, second],
      unseen: unseen([first.plan, second.plan]),
      uniformUnseen: unseen([uniformOf(first), uniformOf(second)]),
      layers: model.layers,
      measured: evaluated(evaluator, run),
    };
  });
}

/**
 * Finds bits by layer and by level on some images, those that cost least where groups of channels skip leading zeros, from what each tensor
 * harms alone: see `allocationPath`. Of the path of allocations that this gives the last one is taken that keeps what must be kept.
 */
export async function searchJointPlanOn(
  evaluator: Evaluator,
  dataset: Images,
  images: SearchedImages,
  order: SearchOrder & Pick<JointPlanOrder, 'range'>,
): Promise<FoundProfile> {
  const { model } = evaluator;
  const { range = 'position' } = order;
  const image = imageTensors(model);
  const tensors = macsByTensor(model).map((_, tensor) => tensor);
  const planOf = (widths: readonly LevelWidths[]) => allocatedPlan(model, widths, range);
  const everywhere = (high: number, low = high) =>
    tensors.map((tensor): LevelWidths => (image.has(tensor) ? EIGHT : { high, low }));
  const uniform = UNIFORM_WIDTHS.map((bits) => planOf(everywhere(bits)));
  const search = await PlanSearch.begin(evaluator, dataset, images, order, uniform, SPENT);
  const probes = tensors.flatMap((tensor) =>
    (image.has(tensor) ? IMAGE_PROBES : PROBES).map((bits) => ({ tensor, bits })),
  );
  const shares = everywhere(REGION_BITS, REGION_BITS - 1);
  const [eight, high, low, mixed, ...probed] = await search.judge(
    [
      ...[everywhere(8), everywhere(REGION_BITS), everywhere(REGION_BITS - 1), shares],
      ...probes.map(({ tensor, bits }) => everywhere(8).with(tensor, { high: bits, low: bits })),
    ].map(planOf),
  );
  const harmOf = (score: PlanScore) => harmBeside(score, eight!);
  const costs = await groupBits(
    evaluator,
    dataset,
    images,
    order,
    UNIFORM_WIDTHS.map((bits) => planOf(tensors.map(() => ({ high: bits, low: bits })))),
  );
  const curves = tensors.map((tensor): TensorCurve => ({
    harm: harmByWidth(
      new Map(probes.flatMap((probe, at) => (probe.tensor === tensor ? [[probe.bits, harmOf(probed[at]!)]] : []))),
    ),
    cost: costs[tensor]!,
  }));
  const path = allocationPath(curves, {
    area: PLAN_OPTIONS.lowShare.default,
    harm: shareBetween(harmOf(mixed!), harmOf(high!), harmOf(low!)),
  });
  const { last, kept } = await lastKeeping(path.length, async (points) => {
    const scores = await search.sift(points.map((point) => planOf(path[point]!)));
    const verdicts = scores.map((score) => score !== null && search.worth(score) >= search.floor);
    const best = points.findLast((_, at) => verdicts[at]);
    if (best !== undefined) search.best = path[best]!.map(({ high }) => high).join('-');
    return verdicts;
  });
  const found = planOf(path[Math.max(0, last)]!);
  return search.finish(found, kept.length > 0 ? kept.map((point) => planOf(path[point]!)) : [found]);
}

const EIGHT: LevelWidths = { high: 8, low: 8 };
/** Of what may be lost: the rest is for images that were not searched on, which agree a bit less than those a plan was chosen by. */
const SPENT = 2 / 3;
/** Widths that each tensor is given alone: near those it will get, few enough to harm visibly. Pixels bear fewer bits worse. */
const PROBES = [4, 3, 2];
const IMAGE_PROBES = [6, 5, 4];
/** Width of the important regions where what the others harm is measured; they have one bit less. */
const REGION_BITS = 4;
/** Images that tell how many bits groups need: it differs little between images, and counting takes as long as the network. */
const COST_IMAGES = 16;

/** What an allocation harms, in units that add up over tensors: the square of what agreement lacks. */
function harmBeside({ agreement, images }: PlanScore, eight: PlanScore): number {
  const lack = (shared: number, of: number) => (1 - shared / of) ** 2;
  return lack(agreement, images) - lack(eight.agreement, eight.images);
}

/** Where a value lies between two others, 0..1; 1 where these are the same. */
function shareBetween(value: number, from: number, to: number): number {
  return to > from ? Math.min(1, Math.max(0, (value - from) / (to - from))) : 1;
}

/** By tensor and width, 0 to 8: multiply-accumulates times the bits that groups of 16 channels need at that width throughout. */
async function groupBits(
  evaluator: Evaluator,
  dataset: Images,
  { calibration, digests }: SearchedImages,
  { name, seed, searchFrom }: SearchOrder,
  plans: readonly PrecisionPlan[],
): Promise<number[][]> {
  const { model, store } = evaluator;
  const every = Math.ceil(calibration.length / COST_IMAGES);
  const begun = await evaluator.begin(dataset, {
    name: `${name} (bits of groups)`,
    plans,
    detail: 'full',
    seed,
    images: calibration.filter((_, index) => index % every === 0),
    again: { digests, grows: true },
    takenFrom: searchFrom,
  });
  await evaluator.work(begun, plans, figuresOf('searching'));
  await evaluator.finish(begun);
  const costs = macsByTensor(model).map(() => Array.from({ length: MAX_ALLOCATED_BITS + 1 }, () => 0));
  for (const [plan, bits] of UNIFORM_WIDTHS.entries()) {
    const groups = new LayerCountsMean(model.layers);
    for (const { counts } of imageResults(store, begun.writer.runId, plan)) groups.add(counts);
    groups.mean().forEach(({ macs, groupBits }, layer) => {
      costs[model.tensorOfLayer[layer]!]![bits]! += macs * (groupBits ?? bits);
    });
  }
  return costs;
}

function allocatedPlan(model: OpenedModel, widths: readonly LevelWidths[], range: RangeMode): PrecisionPlan {
  const own = model.tensorOfLayer.map((tensor) => widths[tensor]!);
  if (own.every(({ high, low }) => high === low))
    return profilePlan(
      model,
      own.map(({ high }) => high),
      { range },
    );
  const layerBits = Object.fromEntries(
    model.layers.map(({ name }, layer) => [name, [own[layer]!.high, own[layer]!.low]]),
  );
  return resolvePlan({ bits: [8, 8], inputBits: 8, range, layerBits });
}
