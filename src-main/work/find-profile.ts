import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import type { Keeps } from '../../src-shared/runs/policies.ts';
import { type PrecisionPlan, type RangeMode, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import {
  type Profile,
  type ProfileScore,
  profileText,
  searchProfile,
} from '../../src-shared/precision/profile-search.ts';
import { UNIFORM_WIDTHS, withControls } from '../../src-shared/runs/controls.ts';
import { FEW_IMAGES } from '../../src-shared/runs/paired-statistics.ts';
import {
  canonicalJson,
  type DatasetImage,
  inFirstHalf,
  type Shard,
  type TopClasses,
} from '../../src-shared/runs/run-record.ts';
import { count } from '../../src-shared/count-text.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import { Evaluator, type EvaluatorOptions, type Images } from './evaluator.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { imageResults, runPlans } from '../store/run-query.ts';

interface SearchOrder {
  readonly name: string;
  readonly range: RangeMode;
  readonly keeps: Keeps;
  /** Accuracy that may be lost, 0..1. */
  readonly tolerance: number;
  readonly seed: number;
  readonly searchFrom?: string | undefined;
}

/** How several tasks share an order that begins with a search for bits. */
export interface SharedSearch {
  /** The part of the images that is measured here, once the bits are found. */
  readonly shard?: Shard | undefined;
  /** Store in which one task has done the search for all. */
  readonly searchFrom?: string | undefined;
  /** Nothing but the search. */
  readonly searchOnly?: boolean | undefined;
}

export interface FindProfileOrder extends EvaluatorOptions, Omit<SearchOrder, 'name'>, SharedSearch {
  readonly folder: string;
  /** See `DatasetOptions.labels`. */
  readonly labels?: string | undefined;
  /** Default: after the folder. */
  readonly name?: string | undefined;
}

export interface FoundProfile {
  /** Bits by layer, in the order of the layers. */
  readonly bits: Profile;
  readonly plan: PrecisionPlan;
  /** What the search went through, each cheaper than the one before; the last one is `plan`. */
  readonly path: readonly PrecisionPlan[];
  /**
   * Labels were few: all images were searched on, and judged by agreement with the plain network, which tells harm earlier than right
   * answers. The labels said how much agreement goes with the accuracy to be kept, and nothing else.
   */
  readonly byAgreement: boolean;
  /** Images the search was judged by, and how many the plain network and the profile get right. */
  readonly images: number;
  readonly plainRight: number;
  readonly right: number;
  readonly plansTried: number;
  /** Id of the run that holds all that was tried. */
  readonly runId: string;
}

/** A profile and what it gives on the images it was not found on; layers in their order. */
export interface MeasuredProfile {
  readonly found: FoundProfile;
  readonly layers: readonly LayerGeometry[];
  /** Null where only the search was asked for. */
  readonly measured: EvaluatedRun | null;
}

/**
 * Finds bits layer by layer on one half of a folder (the Stripes way), and measures them on the other, beside their controls; where
 * labels are few, finds them by agreement on all images, and measures them there. All is kept: the same order given again goes on with the runs it began.
 * @throws RunEnded, FoveaError `dataset-empty` when a half has no images, ...
 */
export async function findProfile(bench: Bench, order: FindProfileOrder, work: Work): Promise<MeasuredProfile> {
  using evaluator = await Evaluator.open(order, bench, work);
  const dataset = await evaluator.readDataset(order.folder, order.labels);
  const name = order.name ?? `${basename(dataset.root)}: static profile`;
  const split = await halves(evaluator, dataset);
  const { layers } = evaluator.model;
  const found = await searchProfileOn(evaluator, dataset, split, { ...order, name });
  if (order.searchOnly) return { found, layers, measured: null };
  const run = await evaluator.run(dataset, {
    name,
    plans: withControls([found.plan], layers),
    detail: 'basic',
    seed: order.seed,
    shard: order.shard ?? null,
    images: split.rest,
    again: { digests: split.digests, grows: false },
  });
  return { found, layers, measured: evaluated(evaluator, run) };
}

/**
 * Finds layer-wise bits on the first half of the images. All that is tried is kept in a run of its own, which the same search
 * goes on with: one that was stopped is soon where it was. Layers that read the same tensor are lowered together.
 */
export async function searchProfileOn(
  evaluator: Evaluator,
  dataset: Images,
  { calibration: images, digests, byAgreement }: Halves,
  { name, range, keeps, tolerance, seed, searchFrom }: SearchOrder,
): Promise<FoundProfile> {
  const { model, store } = evaluator;
  const planOf = (tensorBits: Profile) => profilePlan(model, layerBits(model, tensorBits), range);
  const macs = macsByTensor(model);
  const image = new Set(model.tensorOfLayer.filter((_, layer) => model.readsImage[layer]));
  // Pixels have 8 bits, and uniform widths leave them alone.
  const uniformProfile = (bits: number) => macs.map((_, tensor) => (image.has(tensor) ? 8 : bits));
  const first = planOf(macs.map(() => 8));
  const begun = await evaluator.begin(dataset, {
    name: `${name} (search for bits)`,
    note: `Keeps ${keeps === 'top1' ? 'Top-1' : 'Top-5'}, at most ${count(Number((100 * tolerance).toFixed(6)), 'point')} lost`,
    plans: [first],
    detail: 'basic',
    seed,
    images,
    again: { digests, grows: true },
    takenFrom: searchFrom,
  });
  const { writer } = begun;
  const plans = runPlans(store, writer.runId);
  const indexes = new Map(plans.map((plan, index) => [canonicalJson(plan), index]));

  let best: string | null = null;

  async function evaluate(profiles: readonly Profile[]): Promise<readonly ProfileScore[]> {
    const wanted = profiles.map((profile) => {
      const plan = planOf(profile);
      const key = canonicalJson(plan);
      const known = indexes.get(key);
      if (known !== undefined) return known;
      const index = store.addPlan(writer.runId, plan);
      writer.plansChanged();
      indexes.set(key, index);
      plans.push(plan);
      return index;
    });
    await evaluator.work(begun, plans, figuresOf('searching', { subject: best }));
    return wanted.map((index) => score(index));
  }

  /**
   * How often answers agree with the plain network where so many are right, on the line between the fewest uniform bits that keep them
   * and one bit less. Labels say no more than that; what is found is chosen by agreement.
   */
  async function agreementAt(floor: number): Promise<number> {
    const scores = await evaluate(UNIFORM_WIDTHS.map(uniformProfile));
    const failing = scores.findIndex(({ right }) => right < floor);
    const kept = scores[Math.max(0, failing < 0 ? scores.length - 1 : failing - 1)]!;
    const next = scores[failing];
    if (!next || next.right >= kept.right) return kept.agreement;
    const share = Math.max(0, (kept.right - floor) / (kept.right - next.right));
    return kept.agreement - share * (kept.agreement - next.agreement);
  }

  function score(plan: number): ProfileScore & { readonly plainRight: number } {
    let right = 0;
    let plainRight = 0;
    let agreement = 0;
    for (const { label, baseline, quantised } of imageResults(store, writer.runId, plan)) {
      const wanted = label ?? baseline.classes[0];
      if (isRight(baseline, wanted, keeps)) plainRight++;
      if (isRight(quantised, wanted, keeps)) right++;
      if (quantised.classes[0] === baseline.classes[0]) agreement++;
    }
    return { right, plainRight, agreement };
  }

  await evaluate([macs.map(() => 8)]);
  const uniform = score(0);
  // A network that 8 bits harm already is not asked for more than it has.
  const floor = Math.min(uniform.plainRight, uniform.right) - tolerance * images.length - 1e-9;
  const agreementFloor = byAgreement ? await agreementAt(floor) : null;
  const path: PrecisionPlan[] = [];
  const found = await searchProfile({
    macs,
    uniform: uniformProfile,
    floor: agreementFloor ?? floor,
    evaluate:
      agreementFloor === null
        ? evaluate
        : async (profiles) => (await evaluate(profiles)).map(({ agreement }) => ({ right: agreement, agreement })),
    onRound: (profile) => {
      path.push(planOf(profile));
      best = profileText(layerBits(model, profile));
    },
  });
  const [foundScore] = await evaluate([found]);
  evaluator.finish(begun);
  return {
    byAgreement,
    bits: layerBits(model, found),
    plan: planOf(found),
    path,
    images: images.length,
    plainRight: uniform.plainRight,
    right: foundScore!.right,
    plansTried: plans.length,
    runId: writer.runId,
  };
}

function isRight({ classes }: TopClasses, wanted: number | undefined, keeps: Keeps): boolean {
  return keeps === 'top1' ? classes[0] === wanted : wanted !== undefined && classes.includes(wanted);
}

/** One level everywhere, each layer its own bits. */
export function profilePlan(model: OpenedModel, bits: Profile, range: RangeMode): PrecisionPlan {
  const byName = Object.fromEntries(model.layers.map(({ name }, index) => [name, bits[index]!]));
  return resolvePlan({ metric: 'uniform', bits: [8], range, layerBits: byName });
}

function layerBits(model: OpenedModel, tensorBits: Profile): number[] {
  return model.tensorOfLayer.map((tensor) => tensorBits[tensor]!);
}

function macsByTensor({ layers, tensorOfLayer }: OpenedModel): number[] {
  const macs: number[] = Array.from({ length: Math.max(...tensorOfLayer) + 1 }, () => 0);
  layers.forEach((layer, index) => (macs[tensorOfLayer[index]!]! += layer.macs));
  return macs;
}

/** More images would not change what is found, only take long. */
const MAX_SEARCH_IMAGES = 500;

/** Images to search on, and those to report what was found on. */
export interface Halves {
  readonly calibration: readonly DatasetImage[];
  readonly rest: readonly DatasetImage[];
  /** Both are all images: see {@link FoundProfile.byAgreement}. */
  readonly byAgreement: boolean;
  /** Digest of every image of the dataset by its path; null where it cannot be read. */
  readonly digests: ReadonlyMap<string, string | null>;
}

/**
 * Halves a dataset by the digests of its files: what is found on one half is reported on the other. Where halves would have fewer than
 * {@link FEW_IMAGES} labels, both are all images, to be searched by agreement.
 * @throws FoveaError `dataset-empty` when a half has none
 */
export async function halves(evaluator: Evaluator, dataset: Images): Promise<Halves> {
  const digests = await evaluator.digests(dataset);
  const readable = dataset.images.filter(({ path }) => digests.get(path));
  const { first = [], second = [] } = Object.groupBy(readable, ({ path }) =>
    inFirstHalf(digests.get(path)!) ? 'first' : 'second',
  );
  const labelled = readable.filter(({ label }) => label !== null).length;
  const byAgreement = labelled > 0 && labelled < 2 * FEW_IMAGES;
  const calibration = byAgreement ? readable : first;
  const every = Math.ceil(calibration.length / MAX_SEARCH_IMAGES);
  if (first.length === 0 || second.length === 0)
    throw new FoveaError(
      'dataset-empty',
      `${dataset.root}: ${dataset.images.length} images are too few to choose on one half and report on the other`,
      'Give some hundred images.',
    );
  return {
    calibration: calibration.filter((_, index) => index % every === 0),
    rest: byAgreement ? readable : second,
    byAgreement,
    digests,
  };
}
