import type { Network } from '../../network/network.ts';
import type { PlannedImage } from '../../network/network-inputs.ts';

/** A plan whose network begins as another's. */
export interface Follower<Plan> {
  readonly plan: Plan;
  /** The tensor from which on it has to be run. */
  readonly cut: number;
}

/** Plans that begin alike: one is run as a whole, the others from where they differ. */
export interface SharedPrefix<Plan> {
  readonly first: Plan;
  readonly followers: readonly Follower<Plan>[];
}

/**
 * Puts plans together whose first tensors get the same bits, so that as much as can be of their networks is run once. What shares
 * nothing worth a cut stands alone.
 * @param cuts of the network, see `Network.cuts`
 * @param plans of one graph; `planned` is the mask, the same for all images
 */
export function sharedPrefixes<Plan extends { readonly planned: PlannedImage }>(
  network: Network,
  cuts: readonly number[],
  plans: readonly Plan[],
): SharedPrefix<Plan>[] {
  const shared: SharedPrefix<Plan>[] = [];
  let rest = plans;
  while (rest.length > 0) {
    const [best] = rest
      .map((first) => ({ first, followers: followersOf(network, cuts, first, rest) }))
      .sort((a, b) => savedBy(network, b.followers) - savedBy(network, a.followers));
    shared.push(best!);
    const done = new Set([best!.first, ...best!.followers.map(({ plan }) => plan)]);
    rest = rest.filter((plan) => !done.has(plan));
  }
  return shared;
}

function followersOf<Plan extends { readonly planned: PlannedImage }>(
  network: Network,
  cuts: readonly number[],
  first: Plan,
  plans: readonly Plan[],
): Follower<Plan>[] {
  return plans.flatMap((plan) => {
    if (plan === first) return [];
    const same = sameTensors(network, first.planned, plan.planned);
    const cut = cuts.findLast((tensor) => tensor <= same);
    return cut === undefined ? [] : [{ plan, cut }];
  });
}

/** MACs that need not be done again. */
function savedBy(network: Network, followers: readonly Follower<unknown>[]): number {
  const before = (cut: number) =>
    network.layers.reduce((sum, { macs }, layer) => sum + (network.tensorOfLayer[layer]! < cut ? macs : 0), 0);
  return followers.reduce((sum, { cut }) => sum + before(cut), 0);
}

/** How many tensors from the first on have the same bits everywhere. */
function sameTensors(network: Network, one: PlannedImage, other: PlannedImage): number {
  const differs = network.tensors.findIndex((_, tensor) => {
    const [a, b] = [network.bitsOf(tensor, one), network.bitsOf(tensor, other)];
    return a !== b && a.some((bits, position) => bits !== b[position]);
  });
  return differs < 0 ? network.tensors.length : differs;
}
