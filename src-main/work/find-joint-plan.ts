import { basename } from 'node:path';
import { type LayerGeometry, macWeightedGroupBits } from '../../src-shared/measurement.ts';
import { PLAN_OPTIONS } from '../../src-shared/precision/plan-option-table.ts';
import type { Profile } from '../../src-shared/precision/profile-search.ts';
import {
  bitsOfTensors,
  type PrecisionPlan,
  type RangeMode,
  resolvePlan,
} from '../../src-shared/precision/precision-plan.ts';
import {
  distinctPlans,
  seededShapes,
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
import { Evaluator } from './evaluator.ts';
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
export async function findJointPlan(bench: Bench, order: FindProfileOrder, work: Work): Promise<MeasuredJointPlan> {
  using evaluator = await Evaluator.open(order, bench, work);
  const { model, store } = evaluator;
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: joint plan`;
  const split = await halves(evaluator, dataset);
  const labelled = dataset.images.filter(({ label }) => label !== null).length;
  const byAgreement = labelled < 2 * FEW_IMAGES;
  const space = layersAndLevels(model, order.range);
  const { digests } = split;
  const search = (part: string, calibration: typeof split.first) =>
    searchProfileOn(
      evaluator,
      dataset,
      { calibration, digests, byAgreement },
      { ...order, name: `${name}, ${part}` },
      space,
    );
  const first = await search('first half', split.first);
  const second = await search('second half', split.second);
  const found = byAgreement ? await search('all images', [...split.first, ...split.second]) : first;
  const plans = withControls(distinctPlans([found.plan, first.plan, second.plan]), model.layers);
  const run = await evaluator.run(dataset, {
    name,
    plans,
    detail: 'full',
    seed: order.seed,
    again: { digests, grows: false },
  });
  const keys = plans.map((plan) => canonicalJson(plan));
  const frontier = uniformFrontier(found.plan);
  const uniformOf = ({ uniformBits }: FoundProfile) =>
    frontier[UNIFORM_WIDTHS.findIndex((width) => width === uniformBits)]!;

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

/**
 * Bits of each tensor, and behind them how much lower those of its least important regions are: {@link NO_LOWER} less the difference.
 * Begins at uniform widths, alone and with the low level a bit lower, and at shapes over the quarters of the network.
 */
export function layersAndLevels(model: OpenedModel, range: RangeMode): SearchSpace {
  const macs = macsByTensor(model);
  const image = imageTensors(model);
  const widths = (of: (tensor: number) => number, lower: number): Profile => [
    ...macs.map((_, tensor) => (image.has(tensor) ? NO_LOWER : of(tensor))),
    ...macs.map((_, tensor) => NO_LOWER - (image.has(tensor) ? 0 : lower)),
  ];
  const uniform = (bits: number) => widths(() => bits, 0);
  const shapes = seededShapes(model.layers, profilePlan(model, layerBits(model, uniform(8)), range)).map((shape) => {
    const bits = bitsOfTensors(shape, model);
    return widths((tensor) => bits[tensor]![0]!, 0);
  });
  return {
    macs: [...macs, ...macs.map((own) => own * PLAN_OPTIONS.lowShare.default)],
    planOf: (entries) => jointPlan(model, entries, range),
    uniform,
    seeds: [...shapes, ...[6, 5, 4, 3].map((bits) => widths(() => bits, 1))],
    detail: 'full',
  };
}

/** @param entries see {@link layersAndLevels}; no level goes below one bit */
function jointPlan(model: OpenedModel, entries: Profile, range: RangeMode): PrecisionPlan {
  const tensors = entries.length / 2;
  const high = layerBits(model, entries.slice(0, tensors));
  const lower = layerBits(model, entries.slice(tensors));
  const low = high.map((bits, layer) => Math.max(1, bits - NO_LOWER + lower[layer]!));
  if (high.every((bits, layer) => bits === low[layer])) return profilePlan(model, high, range);
  const own = model.layers.map(({ name }, layer) => [name, [high[layer]!, low[layer]!]] as const);
  return resolvePlan({ bits: [8, 8], inputBits: 8, range, layerBits: Object.fromEntries(own) });
}
