/** What a plan is worth on one image, each 0..1: by what plans are judged by, and by agreement with the plain network. */
export interface ImageWorth {
  readonly worth: number;
  readonly agreement: number;
}

/** Portions of the images between which plans are given up: more would spare a few images and cost as many calls. */
const PORTIONS = 16;
/** Sums in another order differ by less; what lies so near the floor is judged to the end. */
const ROUNDING = 1e-6;

/**
 * Images from the hardest to the easiest, by what plans lacked on them; the same for the same plans in any order of work.
 * @param judged by plan: its worth by image, of all of them
 */
export function hardestFirst(
  images: readonly string[],
  judged: readonly ReadonlyMap<string, ImageWorth>[],
): readonly string[] {
  const hardness = images.map((image) => {
    let [lack, disagreement] = [0, 0];
    for (const plan of judged) {
      const { worth = 0, agreement = 0 } = plan.get(image) ?? {};
      lack += 1 - worth;
      disagreement += 1 - agreement;
    }
    return { image, lack, disagreement };
  });
  return hardness
    .sort((a, b) => b.lack - a.lack || b.disagreement - a.disagreement || (a.image < b.image ? -1 : 1))
    .map(({ image }) => image);
}

/**
 * Shows images to plans, portion by portion. A plan that could no longer reach the floor, were it worth all on every image that is left, sees no
 * more of them: a bound, no estimate, so that no plan is lost that reaches it.
 * @param images the hardest first, so that what fails does so early
 * @param least images of a portion: how large those are changes what failing plans have seen, and no more
 * @param see gives the worth of each plan over such a portion, at most 1 an image
 * @returns the plans that have seen all images, in their order; they may lie below the floor still
 */
export async function survivors<Plan>(
  plans: readonly Plan[],
  images: readonly string[],
  floor: number,
  least: number,
  see: (plans: readonly Plan[], images: readonly string[]) => Promise<readonly number[]>,
): Promise<readonly Plan[]> {
  let left = plans.map((plan) => ({ plan, lost: 0 }));
  let from = 0;
  for (const end of portionEnds(images.length, floor, least)) {
    if (left.length === 0) break;
    const portion = images.slice(from, end);
    from = end;
    const worth = await see(
      left.map(({ plan }) => plan),
      portion,
    );
    left = left.map(({ plan, lost }, at) => ({ plan, lost: lost + portion.length - worth[at]! }));
    if (end < images.length) left = left.filter(({ lost }) => images.length - lost >= floor - ROUNDING);
  }
  return left.map(({ plan }) => plan);
}

/** Where portions end. The first is as large as it must be for a plan to fail on it. */
function portionEnds(images: number, floor: number, least: number): number[] {
  const size = Math.max(least, Math.ceil(images / PORTIONS));
  const ends: number[] = [];
  for (let end = size; end < images; end += size) if (end > images - floor) ends.push(end);
  return [...ends, images];
}
