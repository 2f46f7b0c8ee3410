/** Widths of one tensor: of its important regions, and of its least important ones, the same or a bit less. */
export interface LevelWidths {
  readonly high: number;
  readonly low: number;
}

/** What a tensor does to the answers, and what it costs, by width: the place in each list is the width, 0 is none. */
export interface TensorCurve {
  readonly harm: readonly number[];
  readonly cost: readonly number[];
}

/** Of all tensors together. */
export interface RegionShares {
  /** Share of the area that the low level takes, 0..1. */
  readonly area: number;
  /** Share of a tensor's harm that comes from there. */
  readonly harm: number;
}

export const MAX_ALLOCATED_BITS = 8;
/** Power of the rounding noise of one width over that of the next: steps are half as wide. */
const NOISE_POWER_PER_BIT = 4;
/** A bit less harms at most so much more than measured: what single images move hides a harm that is smaller. */
const MOST_PER_BIT = 8;

/**
 * Harm at every width, from what it was at some widths next to each other. Above the widest it falls as the power of rounding noise does; below the least
 * it goes on as it came, at least so; a bit more never harms more.
 * @param measured by width, at least one
 * @returns by width, 0 to 8
 */
export function harmByWidth(measured: ReadonlyMap<number, number>): number[] {
  const widths = [...measured.keys()].sort((a, b) => a - b);
  const [least] = widths;
  const harm = Array.from({ length: MAX_ALLOCATED_BITS + 1 }, (_, bits) => Math.max(0, measured.get(bits) ?? 0));
  const growth = Math.max(NOISE_POWER_PER_BIT, (harm[least!] ?? 0) / Math.max(harm[widths[1]!] ?? 0, Number.MIN_VALUE));
  for (let bits = least! - 1; bits >= 0; bits--) harm[bits] = harm[bits + 1]! * Math.min(growth, MOST_PER_BIT);
  for (let bits = least! + 1; bits <= MAX_ALLOCATED_BITS; bits++) {
    const above = harm[bits - 1]!;
    harm[bits] = measured.has(bits)
      ? Math.min(above, Math.max(harm[bits]!, above / MOST_PER_BIT))
      : above / NOISE_POWER_PER_BIT;
  }
  return harm;
}

/**
 * All allocations of widths that are best for what they cost, if the harms of tensors add up: from 8 bits everywhere on, each step takes the
 * one that harms least for what it saves. Reverse water-filling, as bits are given to sources of unlike strength.
 * @param tensors at least one
 */
export function allocationPath(tensors: readonly TensorCurve[], regions: RegionShares): LevelWidths[][] {
  const steps = tensors.flatMap((curve, tensor) => stepsOf(curve, regions).map((step) => ({ ...step, tensor })));
  // Of one tensor they come in order, since each is dearer than the one before.
  steps.sort((a, b) => a.price - b.price);
  let now = tensors.map((): LevelWidths => ({ high: MAX_ALLOCATED_BITS, low: MAX_ALLOCATED_BITS }));
  const path = [now];
  for (const { tensor, widths } of steps) {
    now = now.with(tensor, widths);
    path.push(now);
  }
  return path;
}

interface AllocationStep {
  readonly widths: LevelWidths;
  /** Harm for what is saved. */
  readonly price: number;
}

/** The lower hull of what a tensor's widths harm and cost, from the dearest on. */
function stepsOf({ harm, cost }: TensorCurve, regions: RegionShares): AllocationStep[] {
  const points = Array.from({ length: 2 * MAX_ALLOCATED_BITS - 1 }, (_, at) => {
    const high = MAX_ALLOCATED_BITS - Math.floor(at / 2);
    const low = high - (at % 2);
    const mean = (of: readonly number[], share: number) => of[high]! + share * (of[low]! - of[high]!);
    return { widths: { high, low }, harm: mean(harm, regions.harm), cost: mean(cost, regions.area) };
  });
  const steps: AllocationStep[] = [];
  for (let at = 0; ;) {
    const here = points[at]!;
    let best = -1;
    let least = Infinity;
    for (let next = at + 1; next < points.length; next++) {
      const there = points[next]!;
      const saved = here.cost - there.cost;
      if (saved <= 0) continue;
      const price = (there.harm - here.harm) / saved;
      if (price <= least) [best, least] = [next, price];
    }
    if (best < 0) return steps;
    steps.push({ widths: points[best]!.widths, price: least });
    at = best;
  }
}

/** Each call reads the images anew: so many points of a path are judged at a time. */
const POINTS_AT_ONCE = 3;

/**
 * The last point of a path that keeps what it must, if what comes behind one that does not keeps it no more. Halving would need more
 * calls, and trying all would find the luckiest.
 * @param length points
 * @param keeps judges points, in their order
 * @returns its place, or -1 where the first point does not keep it; and all that keep it of those judged, in their order
 */
export async function lastKeeping(
  length: number,
  keeps: (points: readonly number[]) => Promise<readonly boolean[]>,
): Promise<{ readonly last: number; readonly kept: readonly number[] }> {
  let last = -1;
  let failing = length;
  const kept: number[] = [];
  while (failing - last > 1) {
    const between = failing - last - 1;
    const count = Math.min(POINTS_AT_ONCE, between);
    const points = Array.from({ length: count }, (_, at) => last + 1 + Math.floor(((at + 1) * between) / (count + 1)));
    const verdicts = await keeps(points);
    const first = verdicts.indexOf(false);
    const passed = first < 0 ? points : points.slice(0, first);
    kept.push(...passed);
    if (first >= 0) failing = points[first]!;
    last = passed.at(-1) ?? last;
  }
  return { last, kept };
}
