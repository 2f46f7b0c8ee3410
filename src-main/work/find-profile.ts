import { basename } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { LayerGeometry } from '../../src-shared/measurement.ts';
import type { Keeps } from '../../src-shared/runs/policies.ts';
import {
  bitsOfLayer,
  type PlanOptions,
  type PrecisionPlan,
  type RangeMode,
  resolvePlan,
} from '../../src-shared/precision/precision-plan.ts';
import {
  type Profile,
  type ProfileScore,
  profileText,
  searchProfile,
} from '../../src-shared/precision/profile-search.ts';
import { agreementFor } from '../../src-shared/runs/agreement-floor.ts';
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
import { sharedProbability } from '../../src-shared/top-classes.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';
import type { Bench } from './bench.ts';
import { type EvaluatedRun, evaluated } from './evaluate.ts';
import { type BegunRun, Evaluator, type EvaluatorOptions, type Images } from './evaluator.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { imageResults, runPlans } from '../store/run-query.ts';

export interface SearchOrder {
  readonly name: string;
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
  readonly range: RangeMode;
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
  /** The fewest uniform bits that keep what the profile had to keep. */
  readonly uniformBits: number;
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
  const space = layerWise(evaluator.model, order.range);
  const found = await searchProfileOn(evaluator, dataset, split, { ...order, name }, space);
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

/** Bits of each tensor, the Stripes way: lists of widths that are lowered one by one. */
export interface SearchSpace {
  /** By tensor: multiply-accumulates that its width decides. */
  readonly macs: readonly number[];
  readonly planOf: (widths: Profile) => PrecisionPlan;
  /** The same bits everywhere, but for the image's own. */
  readonly uniform: (bits: number) => Profile;
}

export function layerWise(model: OpenedModel, range: RangeMode): SearchSpace {
  const macs = macsByTensor(model);
  const image = imageTensors(model);
  return {
    macs,
    planOf: (tensorBits) => profilePlan(model, layerBits(model, tensorBits), { range }),
    // Pixels have 8 bits, and uniform widths leave them alone.
    uniform: (bits) => macs.map((_, tensor) => (image.has(tensor) ? 8 : bits)),
  };
}

/** Those that are the image itself. */
export function imageTensors({ tensorOfLayer, readsImage }: OpenedModel): ReadonlySet<number> {
  return new Set(tensorOfLayer.filter((_, layer) => readsImage[layer]));
}

/**
 * Finds layer-wise bits on some images; see `searchProfile`. Layers that read the same tensor are lowered together.
 */
export async function searchProfileOn(
  evaluator: Evaluator,
  dataset: Images,
  images: SearchedImages,
  order: SearchOrder,
  { macs, planOf, uniform }: SearchSpace,
): Promise<FoundProfile> {
  const search = await PlanSearch.begin(
    evaluator,
    dataset,
    images,
    order,
    UNIFORM_WIDTHS.map((bits) => planOf(uniform(bits))),
  );
  const path: PrecisionPlan[] = [];
  const found = await searchProfile({
    macs,
    uniform,
    floor: search.floor,
    evaluate: async (profiles) =>
      (await search.judge(profiles.map(planOf))).map((score) => ({ ...score, right: search.worth(score) })),
    onRound: (profile) => {
      path.push(planOf(profile));
      search.best = profileText(layerBits(evaluator.model, profile));
    },
  });
  return search.finish(planOf(found), path);
}

/** What a plan gives on the images of a search. */
export interface PlanScore extends ProfileScore {
  readonly images: number;
  readonly plainRight: number;
}

/**
 * A search for a plan on some images. All that is tried is kept in a run of its own, which the same search goes on with: one that was
 * stopped is soon where it was.
 */
export class PlanSearch {
  /** Of the best plan so far, for people. */
  best: string | null = null;
  readonly #evaluator: Evaluator;
  readonly #begun: BegunRun;
  readonly #keeps: Keeps;
  readonly #images: SearchedImages;
  readonly #uniform: readonly PrecisionPlan[];
  readonly #plans: PrecisionPlan[];
  readonly #indexes: Map<string, number>;
  #floor = Infinity;

  private constructor(
    evaluator: Evaluator,
    begun: BegunRun,
    keeps: Keeps,
    images: SearchedImages,
    uniform: readonly PrecisionPlan[],
  ) {
    this.#evaluator = evaluator;
    this.#begun = begun;
    this.#keeps = keeps;
    this.#images = images;
    this.#uniform = uniform;
    this.#plans = runPlans(evaluator.store, begun.writer.runId);
    this.#indexes = new Map(this.#plans.map((plan, index) => [canonicalJson(plan), index]));
  }

  /**
   * @param uniform the same bits everywhere, of every width of `UNIFORM_WIDTHS`
   * @param spent share of what may be lost that the search may spend
   */
  static async begin(
    evaluator: Evaluator,
    dataset: Images,
    images: SearchedImages,
    { name, keeps, tolerance, seed, searchFrom }: SearchOrder,
    uniform: readonly PrecisionPlan[],
    spent = 1,
  ): Promise<PlanSearch> {
    const { calibration, digests } = images;
    const begun = await evaluator.begin(dataset, {
      name: `${name} (search for bits)`,
      note: `Keeps ${keeps === 'top1' ? 'Top-1' : 'Top-5'}, at most ${count(Number((100 * tolerance).toFixed(6)), 'point')} lost`,
      plans: uniform.slice(0, 1),
      detail: 'basic',
      seed,
      images: calibration,
      again: { digests, grows: true },
      takenFrom: searchFrom,
    });
    const search = new PlanSearch(evaluator, begun, keeps, images, uniform);
    search.#floor = await search.#floorOf(spent * tolerance);
    return search;
  }

  /** What a plan must be {@link worth}. */
  get floor(): number {
    return this.#floor;
  }

  get runId(): string {
    return this.#begun.writer.runId;
  }

  async judge(plans: readonly PrecisionPlan[]): Promise<PlanScore[]> {
    const { writer } = this.#begun;
    const wanted = plans.map((plan) => {
      const key = canonicalJson(plan);
      const known = this.#indexes.get(key);
      if (known !== undefined) return known;
      const index = this.#evaluator.store.addPlan(writer.runId, plan);
      writer.plansChanged();
      this.#indexes.set(key, index);
      this.#plans.push(plan);
      return index;
    });
    await this.#evaluator.work(this.#begun, this.#plans, figuresOf('searching', { subject: this.best }));
    return wanted.map((index) => this.#scoreOf(index));
  }

  /** What plans are judged by: right answers, or agreement where labels are few. */
  worth({ right, agreement }: ProfileScore): number {
    return this.#images.byAgreement ? agreement : right;
  }

  /** @param path what the search went through, each cheaper than the one before; the last one is `plan` */
  async finish(plan: PrecisionPlan, path: readonly PrecisionPlan[]): Promise<FoundProfile> {
    const { model } = this.#evaluator;
    const [found, plain, ...others] = await this.judge([plan, ...this.#uniform]);
    const failing = [plain!, ...others].findIndex((score) => this.worth(score) < this.#floor);
    this.#evaluator.finish(this.#begun);
    return {
      byAgreement: this.#images.byAgreement,
      bits: model.layers.map(({ name }, layer) => bitsOfLayer(plan, name, model.readsImage[layer]!).at(-1)!),
      plan,
      path,
      images: this.#images.calibration.length,
      plainRight: plain!.plainRight,
      right: found!.right,
      plansTried: this.#plans.length,
      uniformBits: UNIFORM_WIDTHS.at(failing < 0 ? -1 : Math.max(0, failing - 1))!,
      runId: this.runId,
    };
  }

  async #floorOf(tolerance: number): Promise<number> {
    const { calibration, byAgreement } = this.#images;
    const [eight] = await this.judge(this.#uniform.slice(0, 1));
    const { right, plainRight } = eight!;
    // A network that 8 bits harm already is not asked for more than it has.
    const floor = Math.min(plainRight, right) - tolerance * calibration.length - 1e-9;
    if (!byAgreement) return floor;
    return agreementFor(await this.judge(this.#uniform), calibration.length, plainRight, floor);
  }

  #scoreOf(plan: number): PlanScore {
    let images = 0;
    let right = 0;
    let plainRight = 0;
    let agreement = 0;
    for (const { label, baseline, quantised } of imageResults(this.#evaluator.store, this.runId, plan)) {
      const wanted = label ?? baseline.classes[0];
      images++;
      if (isRight(baseline, wanted, this.#keeps)) plainRight++;
      if (isRight(quantised, wanted, this.#keeps)) right++;
      agreement += sharedProbability(baseline, quantised);
    }
    return { images, right, plainRight, agreement };
  }
}

export function isRight({ classes }: TopClasses, wanted: number | undefined, keeps: Keeps): boolean {
  return keeps === 'top1' ? classes[0] === wanted : wanted !== undefined && classes.includes(wanted);
}

/** One level everywhere, each layer its own bits. */
export function profilePlan(model: OpenedModel, bits: Profile, range: PlanOptions): PrecisionPlan {
  const byName = Object.fromEntries(model.layers.map(({ name }, index) => [name, bits[index]!]));
  return resolvePlan({ metric: 'uniform', bits: [8], ...range, layerBits: byName });
}

export function layerBits(model: OpenedModel, tensorBits: Profile): number[] {
  return model.tensorOfLayer.map((tensor) => tensorBits[tensor]!);
}

export function macsByTensor({ layers, tensorOfLayer }: OpenedModel): number[] {
  const macs: number[] = Array.from({ length: Math.max(...tensorOfLayer) + 1 }, () => 0);
  layers.forEach((layer, index) => (macs[tensorOfLayer[index]!]! += layer.macs));
  return macs;
}

/** More images would not change what is found, only take long. */
const MAX_SEARCH_IMAGES = 500;

/** The part of {@link Halves} that a search is given. */
export type SearchedImages = Pick<Halves, 'calibration' | 'digests' | 'byAgreement'>;

/** Images to search on, and those to report what was found on. */
export interface Halves {
  readonly calibration: readonly DatasetImage[];
  readonly rest: readonly DatasetImage[];
  /** Both are all images: see {@link FoundProfile.byAgreement}. */
  readonly byAgreement: boolean;
  /** By the digests of the files, at most as many as a search needs. */
  readonly first: readonly DatasetImage[];
  readonly second: readonly DatasetImage[];
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
  const searched = (images: readonly DatasetImage[]) => {
    const every = Math.ceil(images.length / MAX_SEARCH_IMAGES);
    return images.filter((_, index) => index % every === 0);
  };
  if (first.length === 0 || second.length === 0)
    throw new FoveaError(
      'dataset-empty',
      `${dataset.root}: ${dataset.images.length} images are too few to choose on one half and report on the other`,
      'Give some hundred images.',
    );
  return {
    calibration: searched(byAgreement ? readable : first),
    first: searched(first),
    second: searched(second),
    rest: byAgreement ? readable : second,
    byAgreement,
    digests,
  };
}
