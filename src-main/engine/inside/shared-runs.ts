import { foundLevels, type PrecisionPlan } from '../../../src-shared/precision/precision-plan.ts';
import type { NetworkWindow } from '../../network/map-windows.ts';
import type { Network } from '../../network/network.ts';
import { rewriteOptionsOf } from '../../network/rewrite-options.ts';
import { release } from '../../network/session-outputs.ts';
import { type EvaluatedPlans, isWanted, type WorkImage } from './evaluated-plans.ts';
import { batch, inCompany, split } from './image-analysis.ts';
import { type PrefixPlan, sharedPrefixes, type SharedPrefix } from './shared-prefixes.ts';
import { throwIfCancelled } from './task-context.ts';

/** A plan by its index, with its mask for any image. */
interface MaskedPlan extends PrefixPlan {
  readonly index: number;
  readonly plan: PrecisionPlan;
  /** What of the network it needs; null: all. */
  readonly window: NetworkWindow | null;
}

/** Tells graphs of plans apart, as they are run without counts. */
export const graphKey = (plan: PrecisionPlan) => JSON.stringify(rewriteOptionsOf(plan, false));

/** Runs plans that begin alike: of images that want all of them, the beginnings once. */
export class SharedRuns {
  readonly #plans: EvaluatedPlans;
  /** Once plans have been put together. */
  #prefixes: readonly SharedPrefix<MaskedPlan>[] | null = null;

  constructor(plans: EvaluatedPlans) {
    this.#plans = plans;
  }

  async run(images: readonly WorkImage[], signal: AbortSignal): Promise<void> {
    const [anyImage] = images;
    if (!anyImage) return;
    this.#prefixes ??= await this.#find(anyImage);
    for (const prefix of this.#prefixes) await this.#runPrefix(prefix, images, signal);
  }

  async #find(anyImage: WorkImage): Promise<readonly SharedPrefix<MaskedPlan>[]> {
    const masked: MaskedPlan[] = [];
    for (const [index, plan] of this.#plans.plans.entries()) {
      // The levels that a graph finds come with the whole of it alone.
      if (!isWanted(anyImage, index) || foundLevels(plan)) continue;
      const job = { image: anyImage, index };
      const window = await this.#plans.windowOf(job);
      masked.push({ index, plan, window, planned: this.#plans.maskOf(job), varies: this.#plans.varies(index) });
    }
    const groups = Map.groupBy(masked, ({ plan, window }) => `${graphKey(plan)} ${window?.key ?? ''}`);
    return prefixesOf(this.#plans.network, [...groups.values()]);
  }

  async #runPrefix(
    { first, followers }: SharedPrefix<MaskedPlan>,
    images: readonly WorkImage[],
    signal: AbortSignal,
  ): Promise<void> {
    const plans = this.#plans;
    const { network } = plans;
    const { window } = first;
    const indexes = [first, ...followers.map(({ plan }) => plan)].map(({ index }) => index);
    const willing = images.filter((image) => indexes.every((index) => isWanted(image, index)));
    const followed = [...new Set(followers.map(({ cut }) => cut))];
    const ranges = plans.rangesOf(first.plan);
    for (let at = 0, end; at < willing.length; at = end) {
      throwIfCancelled(signal);
      end = at + network.partOf(willing.length - at);
      const part = willing.slice(at, end);
      const calls = inCompany(part);
      const pixels = batch(calls.map(({ prepared }) => prepared.pixels));
      const maskedBy = ({ index }: MaskedPlan) => calls.map((image) => plans.maskOf({ image, index }));
      const settle = ({ index }: MaskedPlan, scores: Float32Array) => {
        const scoresOf = split(scores, calls.length);
        part.forEach((image, place) => plans.settle({ image, index }, scoresOf[place]!));
      };
      const inside = window && (await network.windows.run(window, followed, pixels, maskedBy(first), ranges));
      const whole = inside ?? (await network.cuts.run(window ? [] : followed, pixels, maskedBy(first), ranges));
      settle(first, whole.scores);
      for (const { plan, cut } of followers) {
        const values = whole.tensors.get(cut);
        const scores =
          values &&
          (window
            ? await network.windows.runFrom(window, cut, values, maskedBy(plan), ranges)
            : await network.cuts.runFrom(cut, values, maskedBy(plan), ranges));
        // What is left is run as a whole.
        if (scores) settle(plan, scores);
      }
      whole.tensors.forEach(release);
    }
  }
}

/** What was last found of a network's plans, by their indexes: call by call they are the same. */
const lastPrefixes = new WeakMap<Network, { readonly key: string; readonly found: readonly SharedPrefix<number>[] }>();

/** Where the network can be cut is not asked where no plan could gain. */
async function prefixesOf(
  network: Network,
  groups: readonly (readonly MaskedPlan[])[],
): Promise<readonly SharedPrefix<MaskedPlan>[]> {
  const several = groups.filter((group) => group.length > 1);
  const byIndex = new Map(several.flat().map((plan) => [plan.index, plan]));
  const key = JSON.stringify([...byIndex].map(([index, { plan }]) => [index, plan]));
  let last = lastPrefixes.get(network);
  if (last?.key !== key) {
    const cuts = several.length > 0 ? await network.cuts.tensors() : [];
    // In a window the network can be cut at the first place alone.
    const cutsOf = ([plan]: readonly MaskedPlan[]) => (plan?.window ? cuts.slice(0, 1) : cuts);
    const shared = several.flatMap((group) => (cuts.length > 0 ? sharedPrefixes(network, cutsOf(group), group) : []));
    const found = shared
      .filter(({ followers }) => followers.length > 0)
      .map(({ first, followers }) => ({
        first: first.index,
        followers: followers.map(({ plan, cut }) => ({ plan: plan.index, cut })),
      }));
    lastPrefixes.set(network, (last = { key, found }));
  }
  return last.found.map(({ first, followers }) => ({
    first: byIndex.get(first)!,
    followers: followers.map(({ plan, cut }) => ({ plan: byIndex.get(plan)!, cut })),
  }));
}
