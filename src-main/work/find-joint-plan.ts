import { basename } from 'node:path';
import { type LayerGeometry, macWeightedGroupBits } from '../../src-shared/measurement.ts';
import { PLAN_OPTIONS } from '../../src-shared/precision/plan-option-table.ts';
import type { Profile } from '../../src-shared/precision/profile-search.ts';
import {
  bitsOfTensors,
  type PlanOptions,
  type PrecisionPlan,
  type RangeMode,
  resolvePlan,
} from '../../src-shared/precision/precision-plan.ts';
import {
  distinctPlans,
  quartersPlan,
  shapesAt,
  UNIFORM_WIDTHS,
  uniformFrontier,
  withControls,
} from '../../src-shared/runs/controls.ts';
import {
  FEW_IMAGES,
  type PairedOutcome,
  pairedCounts,
  pairedOutcome,
} from '../../src-shared/runs/paired-statistics.ts';
import { FULL_BITS } from '../../src-shared/runs/run-outcomes.ts';
import { canonicalJson, inFirstHalf } from '../../src-shared/runs/run-record.ts';
import type { Work } from '../../src-shared/work.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { LayerCountsMean } from '../store/layer-counts-blob.ts';
import { imageResults } from '../store/run-query.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import { Evaluator, type Images } from './evaluator.ts';
import {
  type FindProfileOrder,
  type FoundProfile,
  halves,
  imageTensors,
  isRight,
  layerBits,
  macsByTensor,
  profilePlan,
  searchProfileOn,
  type SearchedImages,
  type SearchOrder,
  type SearchSpace,
} from './find-profile.ts';

/** The entries of a search that say by how much the low level lies below the high one begin here, where both are the same. */
const NO_LOWER = 8;

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

export interface JointPlanOrder extends Omit<FindProfileOrder, 'range'> {
  /** The only one tried; default: blocks with floors, and by position. */
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
  using evaluator = await Evaluator.open(order, bench, work);
  const { model, store } = evaluator;
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: joint plan`;
  const split = await halves(evaluator, dataset);
  const labelled = dataset.images.filter(({ label }) => label !== null).length;
  const byAgreement = labelled < 2 * FEW_IMAGES;
  const { digests } = split;
  const search = (part: string, calibration: typeof split.first) =>
    searchJointPlanOn(
      evaluator,
      dataset,
      { calibration, digests, byAgreement },
      { ...order, name: `${name}, ${part}` },
    );
  const first = await search('first half', split.first);
  const second = await search('second half', split.second);
  const found = byAgreement ? await search('all images', [...split.first, ...split.second]) : first;
  const frontier = uniformFrontier(resolvePlan({ range: order.range ?? 'position' }));
  const uniformOf = ({ uniformBits }: FoundProfile) =>
    frontier[UNIFORM_WIDTHS.findIndex((width) => width === uniformBits)]!;
  const asked = [found.plan, first.plan, second.plan, uniformOf(first), uniformOf(second)];
  const plans = withControls(distinctPlans(asked), model.layers);
  const run = await evaluator.run(dataset, {
    name,
    plans,
    detail: 'full',
    seed: order.seed,
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
        plain.push(Number(isRight(result.baseline, wanted, order.keeps)));
        joint.push(Number(isRight(result.quantised, wanted, order.keeps)));
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
}

/** Finds bits by layer and by level on some images; see {@link searchProfileOn}. */
export function searchJointPlanOn(
  evaluator: Evaluator,
  dataset: Images,
  images: SearchedImages,
  order: SearchOrder & Pick<JointPlanOrder, 'range'>,
): Promise<FoundProfile> {
  return searchProfileOn(evaluator, dataset, images, order, layersAndLevels(evaluator.model, order.range));
}

/**
 * Ranges that a plan may have, from the one that harms least to the one that saves most where groups of channels skip leading zeros.
 * Scales of blocks are kept as NVFP4 does, an eighth of what exact ones take.
 */
const JOINT_RANGES: readonly PlanOptions[] = [
  { range: 'block', block: 16, blockScale: 'e4m3', blockFloor: 1 / 7 },
  { range: 'block', block: 32, blockScale: 'e4m3', blockFloor: 1 / 4 },
  { range: 'position' },
];

/**
 * Bits of each tensor; behind them how much lower those of its least important regions are, {@link NO_LOWER} less the difference; at last
 * the range, {@link NO_LOWER} less its place among those tried. Begins at uniform widths with the last range, alone and with the low
 * level a bit lower, and with every range at shapes over the quarters of the network near them, the last as it is and a bit lower.
 * @param range the only one tried; default: {@link JOINT_RANGES}
 */
export function layersAndLevels(model: OpenedModel, range?: RangeMode): SearchSpace {
  const ranges = range === undefined ? JOINT_RANGES : [{ range }];
  const macs = macsByTensor(model);
  const image = imageTensors(model);
  const widths = (of: (tensor: number) => number, lower: number, place = ranges.length - 1): Profile => [
    ...macs.map((_, tensor) => (image.has(tensor) ? NO_LOWER : of(tensor))),
    ...macs.map((_, tensor) => NO_LOWER - (image.has(tensor) ? 0 : lower)),
    NO_LOWER - place,
  ];
  const like = resolvePlan({});
  // The last quarter bears least, and has most of the work where a network ends in a wide layer.
  const shapes = (high: number) =>
    shapesAt(high)
      .flatMap((shape) => [shape, [...shape.slice(0, -1), shape.at(-1)! - 1]])
      .map((shape) => shape.map((bits) => Math.max(1, bits)))
      .map((shape) => bitsOfTensors(quartersPlan(model.layers, like, shape), model));
  return {
    // The range decides about all of them, and what it saves is told by the counts.
    macs: [...macs, ...macs.map((own) => own * PLAN_OPTIONS.lowShare.default), 0],
    least: [...macs.map(() => 1), ...macs.map(() => 1), NO_LOWER - (ranges.length - 1)],
    planOf: (entries) => jointPlan(model, entries, ranges),
    uniform: (bits) => widths(() => bits, 0),
    seeds: (bits) => {
      const near = [Math.min(8, bits + 1), bits];
      return [
        ...near
          .flatMap(shapes)
          .flatMap((shape) => ranges.map((_, place) => widths((tensor) => shape[tensor]![0]!, 0, place))),
        ...near.map((own) => widths(() => own, 1)),
      ];
    },
    detail: 'full',
  };
}

/** @param entries see {@link layersAndLevels}; no level goes below one bit */
function jointPlan(model: OpenedModel, entries: Profile, ranges: readonly PlanOptions[]): PrecisionPlan {
  const tensors = (entries.length - 1) / 2;
  const range = ranges[NO_LOWER - entries.at(-1)!]!;
  const high = layerBits(model, entries.slice(0, tensors));
  const lower = layerBits(model, entries.slice(tensors));
  const low = high.map((bits, layer) => Math.max(1, bits - NO_LOWER + lower[layer]!));
  if (high.every((bits, layer) => bits === low[layer])) return profilePlan(model, high, range);
  const own = model.layers.map(({ name }, layer) => [name, [high[layer]!, low[layer]!]] as const);
  return resolvePlan({ bits: [8, 8], inputBits: 8, ...range, layerBits: Object.fromEntries(own) });
}
