import { isOneWidth } from '../../../src-shared/runs/policies.ts';
import type { Network } from '../../network/network.ts';
import type { PlannedImage } from '../../network/level-maps.ts';

/** A plan with its mask for any image. */
export interface PrefixPlan {
  readonly planned: PlannedImage;
  /** Other images may have another mask: alike is then only what has one width throughout. */
  readonly varies: boolean;
}

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
 * @param plans of one graph
 */
export function sharedPrefixes<Plan extends PrefixPlan>(
  network: Network,
  cuts: readonly number[],
  plans: readonly Plan[],
): SharedPrefix<Plan>[] {
  const cutsOf = commonCuts(network, cuts, plans);
  const macsBefore = new Map(cuts.map((cut) => [cut, macsBeforeTensor(network, cut)]));
  const shared: SharedPrefix<Plan>[] = [];
  const rest = new Set(plans.keys());
  while (rest.size > 0) {
    let best = -1;
    let mostSaved = -1;
    for (const first of rest) {
      const saved = [...rest].reduce((sum, one) => sum + (macsBefore.get(cutsOf[first]![one] ?? -1) ?? 0), 0);
      if (saved > mostSaved) [best, mostSaved] = [first, saved];
    }
    rest.delete(best);
    const followers = [...rest].flatMap((index) => {
      const cut = cutsOf[best]![index];
      if (cut === undefined) return [];
      rest.delete(index);
      return [{ plan: plans[index]!, cut }];
    });
    shared.push({ first: plans[best]!, followers });
  }
  return shared;
}

/** By pair of plans: the last cut before which they are alike; undefined where there is none, and of a plan with itself. */
function commonCuts(network: Network, cuts: readonly number[], plans: readonly PrefixPlan[]): (number | undefined)[][] {
  const common = plans.map((): (number | undefined)[] => []);
  plans.forEach((one, index) => {
    for (let other = 0; other < index; other++) {
      const same = sameTensors(network, one, plans[other]!);
      common[index]![other] = common[other]![index] = cuts.findLast((tensor) => tensor <= same);
    }
  });
  return common;
}

function macsBeforeTensor(network: Network, tensor: number): number {
  return network.layers.reduce((sum, { macs }, layer) => sum + (network.tensorOfLayer[layer]! < tensor ? macs : 0), 0);
}

/** How many tensors from the first on have the same bits everywhere, whatever the image. */
function sameTensors(network: Network, one: PrefixPlan, other: PrefixPlan): number {
  const differs = network.tensors.findIndex((_, tensor) => {
    if ([one, other].some(({ planned, varies }) => varies && !isOneWidth(network.tensorBits(planned.plan)[tensor]!)))
      return true;
    const [a, b] = [network.bitsOf(tensor, one.planned), network.bitsOf(tensor, other.planned)];
    return a !== b && a.some((bits, position) => bits !== b[position]);
  });
  return differs < 0 ? network.tensors.length : differs;
}
