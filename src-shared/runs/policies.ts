import type { PlanOptions, PrecisionPlan } from '../precision/precision-plan.ts';
import { paretoFront } from './statistics.ts';

/** `static` is one plan for every image, too, but a static profile: see {@link isStaticProfile}. */
export const POLICIES = ['fixed', 'static', 'oracle', 'cascade'] as const;
export type PolicyName = (typeof POLICIES)[number];

/** Which answer a policy has to keep: the first, or the right class among the first five. */
export const KEEPS = ['top1', 'top5'] as const;
export type Keeps = (typeof KEEPS)[number];

/** What one plan gave for each image, in the order of the images. */
export interface PlanOutcomes {
  /** 1 where the right class came first (without labels: the plain network's first class). */
  readonly top1: ArrayLike<number>;
  /** 1 where the right class was among the first five. */
  readonly top5: ArrayLike<number>;
  /** 1 where the first class is the plain network's. */
  readonly sameTop1: ArrayLike<number>;
  /** 1 where the plain network's first class is among the first five. */
  readonly sameTop5: ArrayLike<number>;
  /** Price of each image in the units of the full price, for example MAC-weighted bits or picojoules. */
  readonly cost: ArrayLike<number>;
  /** Probability of the first class less that of the second, 0..1. */
  readonly margin: ArrayLike<number>;
}

/** The plain network's answers and the price of one image at uniform 8 bits. */
export interface FullPrecision {
  readonly top1: ArrayLike<number>;
  readonly top5: ArrayLike<number>;
  readonly cost: number;
}

export interface PolicyOutcome {
  /** Shares of the images, 0..1: with the right answer, and with the plain network's. */
  readonly top1: number;
  readonly top5: number;
  readonly top1Agreement: number;
  readonly top5Agreement: number;
  /** Mean price of an image. */
  readonly cost: number;
  /** 1 - cost / full price. */
  readonly saved: number;
  /** Price of each image, in the order given. */
  readonly costs: Float64Array;
  /** 1 where the answer that counts is right, of each image in the order given. */
  readonly right: Readonly<Record<Keeps, Uint8Array>>;
  /** What each image was run under, in the order given: plans, and null for the plain network at the full price. */
  readonly paid: readonly (readonly (PlanOutcomes | null)[])[];
}

/**
 * Whether every layer has one width, whatever the image and the region: what is found offline (Judd et al., "Stripes", MICRO 2016),
 * as against what is chosen per input. The same width in all layers is one, too.
 * @param layers names of all layers of the model
 */
export function isStaticProfile({ bits, layerBits }: PrecisionPlan, layers: readonly string[]): boolean {
  return layers.every((layer) => isOneWidth(layerBits[layer] ?? bits));
}

export function isOneWidth(bits: readonly number[]): boolean {
  return bits.every((width) => width === bits[0]);
}

/** The plain network for every image, at the full price. */
export function plainPolicy(full: FullPrecision, images: readonly number[] = allImages(full)): PolicyOutcome {
  return outcome(images, full, () => ({ plan: null, cost: full.cost, paid: PLAIN_ALONE }));
}

/** One plan for every image: `fixed` and `static`. */
export function fixedPolicy(
  plan: PlanOutcomes,
  full: FullPrecision,
  images: readonly number[] = allImages(full),
): PolicyOutcome {
  const paid = [plan];
  return outcome(images, full, (image) => ({ plan, cost: plan.cost[image]!, paid }));
}

/**
 * Index of the cheapest plan whose accuracy is at most `tolerance` (0..1) below the plain network's, or null where there is none.
 * Of equally cheap plans the first.
 */
export function bestFixedPlan(
  plans: readonly PlanOutcomes[],
  full: FullPrecision,
  keeps: Keeps,
  tolerance: number,
  images: readonly number[] = allImages(full),
): number | null {
  const floor = correct(full, keeps, images) - tolerance * images.length;
  let best: number | null = null;
  let bestCost = Infinity;
  plans.forEach((plan, index) => {
    const cost = meanOver(plan.cost, images);
    // Rounding of `tolerance * images` must not refuse a plan that is exactly at the tolerance.
    if (cost < bestCost && correct(plan, keeps, images) >= floor - 1e-9) [best, bestCost] = [index, cost];
  });
  return best;
}

/**
 * Index of the static profile others are compared with: the cheapest that keeps the accuracy within `tolerance` (0..1), or where
 * none does, the most accurate. Null without plans.
 */
export function bestStaticProfile(
  profiles: readonly PlanOutcomes[],
  full: FullPrecision,
  keeps: Keeps,
  tolerance: number,
  images: readonly number[] = allImages(full),
): { readonly index: number; readonly keepsAccuracy: boolean } | null {
  const cheapest = bestFixedPlan(profiles, full, keeps, tolerance, images);
  if (cheapest !== null) return { index: cheapest, keepsAccuracy: true };
  let best: number | null = null;
  profiles.forEach((profile, index) => {
    const gain = best === null ? 1 : correct(profile, keeps, images) - correct(profiles[best]!, keeps, images);
    if (gain > 0 || (gain === 0 && meanOver(profile.cost, images) < meanOver(profiles[best!]!.cost, images)))
      best = index;
  });
  return best === null ? null : { index: best, keepsAccuracy: false };
}

/**
 * Per image the cheapest plan that keeps that image's own right answer, never more than the full price; images the plain network
 * gets wrong, and those no plan keeps, pay the full price and keep the plain answer. Needs the right answers in advance: a bound,
 * not a method. Taht et al. (2018), the per-input figure.
 */
export function oraclePolicy(
  plans: readonly PlanOutcomes[],
  full: FullPrecision,
  keeps: Keeps,
  images: readonly number[] = allImages(full),
): PolicyOutcome {
  return outcome(images, full, (image) => {
    let best: PlanOutcomes | null = null;
    let cost = full.cost;
    if (full[keeps][image])
      for (const plan of plans)
        if (plan[keeps][image] && plan.cost[image]! < cost) [best, cost] = [plan, plan.cost[image]!];
    return { plan: best, cost, paid: best ? [best] : PLAIN_ALONE };
  });
}

export interface Cascade {
  /** Indexes of the plans tried, cheapest first. */
  readonly stages: readonly number[];
  /** A stage's answer is accepted from this margin on. */
  readonly threshold: number;
  /** Index of the plan whose answer counts where no stage's was accepted; null for the plain network at the full price. */
  readonly last: number | null;
}

/** The cheapest plan first, accepted if its margin is high enough, else the next; every attempt is charged. Needs no labels. */
export function cascadePolicy(
  plans: readonly PlanOutcomes[],
  full: FullPrecision,
  { stages, threshold, last }: Cascade,
  images: readonly number[] = allImages(full),
): PolicyOutcome {
  return outcome(images, full, (image) => {
    let cost = 0;
    const paid: (PlanOutcomes | null)[] = [];
    for (const stage of [...stages, ...(last === null ? [] : [last])]) {
      const plan = plans[stage]!;
      cost += plan.cost[image]!;
      paid.push(plan);
      if (stage === last || plan.margin[image]! >= threshold) return { plan, cost, paid };
    }
    return { plan: null, cost: cost + full.cost, paid: [...paid, null] };
  });
}

/** Loss of accuracy that still counts as the original accuracy: one point. */
export const TOLERANCE = 0.01;

/** More stages cost more attempts than they save; to choose two, many images are needed, or the choice fits them alone. */
const MAX_STAGES = 2;
const IMAGES_FOR_TWO_STAGES = 1000;
/** Plans a cascade is put together from; all pairs of them are tried. */
const MAX_CANDIDATES = 16;
/** Margins tried. */
const THRESHOLDS = Array.from({ length: 21 }, (_, step) => step / 20);

/**
 * The cheapest cascade of at most two stages and a last resort that spoils at most `tolerance` (0..1) of the given images, which
 * should not be those it is reported on. Right answers where the plain network is wrong do not make up for spoilt ones: they are
 * luck, and would be chosen for it.
 * @param images indexes of the images to choose by, at least one
 */
export function chooseCascade(
  plans: readonly PlanOutcomes[],
  full: FullPrecision,
  keeps: Keeps,
  tolerance: number,
  images: readonly number[],
): Cascade {
  const floor = correct(full, keeps, images) - tolerance * images.length - 1e-9;
  const order = cascadeCandidates(plans, keeps, images);
  const kept = (answers: Pick<PlanOutcomes, Keeps>, image: number) => answers[keeps][image]! * full[keeps][image]!;
  let best: Cascade = { stages: [], threshold: 0, last: null };
  let bestCost = full.cost * images.length;
  const longest = images.length < IMAGES_FOR_TWO_STAGES ? 1 : MAX_STAGES;
  for (const stages of [[], ...increasingSequences(order, longest)]) {
    const dearer = order.slice(stages.length === 0 ? 0 : order.indexOf(stages.at(-1)!) + 1);
    for (const threshold of stages.length === 0 ? [0] : THRESHOLDS) {
      // What the stages accept is the same whatever comes last.
      let right = 0;
      let cost = 0;
      const rejected: number[] = [];
      for (const image of images) {
        let accepted: PlanOutcomes | null = null;
        for (let stage = 0; stage < stages.length && !accepted; stage++) {
          const plan = plans[stages[stage]!]!;
          cost += plan.cost[image]!;
          if (plan.margin[image]! >= threshold) accepted = plan;
        }
        if (accepted) right += kept(accepted, image);
        else rejected.push(image);
      }
      for (const last of [...dearer, null]) {
        const resort = last === null ? full : plans[last]!;
        let totalRight = right;
        let totalCost = cost;
        for (const image of rejected) {
          totalRight += kept(resort, image);
          totalCost += last === null ? full.cost : plans[last]!.cost[image]!;
        }
        if (totalRight < floor || totalCost >= bestCost) continue;
        best = { stages, threshold, last };
        bestCost = totalCost;
      }
    }
  }
  return best;
}

/** Indexes of plans worth a place in a cascade, cheapest first: those no other beats, evenly thinned out where they are many. */
function cascadeCandidates(plans: readonly PlanOutcomes[], keeps: Keeps, images: readonly number[]): number[] {
  const front = paretoFront(
    plans.map((plan) => ({ cost: meanOver(plan.cost, images), accuracy: accuracy(plan, keeps, images) })),
  );
  const step = Math.max(1, (front.length - 1) / (MAX_CANDIDATES - 1));
  return front.filter((_, position) => Math.floor(position / step) !== Math.floor((position - 1) / step));
}

/** All choices of one to `longest` items, in their order. */
function* increasingSequences(items: readonly number[], longest: number): Generator<readonly number[]> {
  for (const [position, item] of items.entries()) {
    yield [item];
    if (longest > 1)
      for (const rest of increasingSequences(items.slice(position + 1), longest - 1)) yield [item, ...rest];
  }
}

/** Whose answer counts for an image, null for the plain network's, and what it cost to come by. */
interface Choice {
  readonly plan: PlanOutcomes | null;
  readonly cost: number;
  readonly paid: readonly (PlanOutcomes | null)[];
}

const PLAIN_ALONE = [null] as const;

function outcome(images: readonly number[], full: FullPrecision, choose: (image: number) => Choice): PolicyOutcome {
  let top1 = 0;
  let top5 = 0;
  let sameTop1 = 0;
  let sameTop5 = 0;
  let sum = 0;
  const right = { top1: new Uint8Array(images.length), top5: new Uint8Array(images.length) };
  const paid: Choice['paid'][] = [];
  const costs = Float64Array.from(images, (image, at) => {
    const { plan, cost, paid: own } = choose(image);
    const answers = plan ?? full;
    paid.push(own);
    right.top1[at] = answers.top1[image]!;
    right.top5[at] = answers.top5[image]!;
    top1 += answers.top1[image]!;
    top5 += answers.top5[image]!;
    sameTop1 += plan ? plan.sameTop1[image]! : 1;
    sameTop5 += plan ? plan.sameTop5[image]! : 1;
    sum += cost;
    return cost;
  });
  const count = images.length;
  const cost = sum / count;
  return {
    top1: top1 / count,
    top5: top5 / count,
    top1Agreement: sameTop1 / count,
    top5Agreement: sameTop5 / count,
    cost,
    saved: 1 - cost / full.cost,
    costs,
    right,
    paid,
  };
}

/** Share of the images with the right answer, 0..1. */
export function accuracy(answers: Pick<PlanOutcomes, Keeps>, keeps: Keeps, images: readonly number[]): number {
  return correct(answers, keeps, images) / images.length;
}

function correct(answers: Pick<PlanOutcomes, Keeps>, keeps: Keeps, images: readonly number[]): number {
  return images.reduce((sum, image) => sum + answers[keeps][image]!, 0);
}

/** Of what these images have, one value for each image of the run. */
export function meanOver(values: ArrayLike<number>, images: readonly number[]): number {
  return images.reduce((sum, image) => sum + values[image]!, 0) / images.length;
}

function allImages(full: FullPrecision): number[] {
  return Array.from({ length: full.top1.length }, (_, image) => image);
}

/** Cells along the side of the square whose area stays when the rest is cropped, of 14. */
const CROPS = [12, 10, 8, 6] as const;
const CROP_GRID = 14;

/**
 * `bits` in the middle, nothing around it.
 * @param inputLayers names of the layers that read the image itself: they are cropped like the others, at 8 bits
 */
function crops(bits: number, inputLayers: readonly string[]): PlanOptions[] {
  return CROPS.map((side) => ({
    metric: 'centre',
    regions: CROP_GRID,
    lowShare: 1 - (side / CROP_GRID) ** 2,
    bits: [bits, 0],
    layerBits: Object.fromEntries(inputLayers.map((layer) => [layer, [8, 0]])),
  }));
}

/** Plans a policy chooses from, image by image. */
export const LADDERS = {
  /** 8 bits in the middle, nothing around it: what the paper's per-input figure rests on. */
  cropping: (inputLayers: readonly string[]): PlanOptions[] => crops(8, inputLayers),
  /** The same few bits everywhere, with a range per position. */
  'low-bits': (): PlanOptions[] => [5, 4, 3, 2].map((bits) => ({ metric: 'uniform', bits: [bits] })),
  /** Cropping, few bits, and both at once. */
  full: (inputLayers: readonly string[]): PlanOptions[] => [
    ...LADDERS.cropping(inputLayers),
    ...LADDERS['low-bits'](),
    ...crops(4, inputLayers),
    ...crops(3, inputLayers),
  ],
} as const;
export type LadderName = keyof typeof LADDERS;
