/** Bits of each layer, in the order of the layers. */
export type Profile = readonly number[];

export interface ProfileSearch {
  /** Multiply-accumulates of each layer: what lowering it is worth. */
  readonly macs: readonly number[];
  /** Images that must be right. */
  readonly floor: number;
  /**
   * Judges profiles, several at a time, because that is cheaper. What cannot reach the floor any more need not be judged to the end: null.
   * Never so of a profile that was given a score.
   */
  readonly evaluate: (profiles: readonly Profile[]) => Promise<readonly (ProfileScore | null)[]>;
  /** The same bits everywhere, or nearly: where the search begins. Default: in every layer. */
  readonly uniform?: (bits: number) => Profile;
  /** Called after each round with the best profile so far. */
  readonly onRound?: (best: Profile) => void;
}

export interface ProfileScore {
  /** Images it gets right. */
  readonly right: number;
  /** How well it agrees with the plain network over the images: tells harm earlier than the images that are right. */
  readonly agreement: number;
}

const MAX_PROFILE_BITS = 8;
const MIN_PROFILE_BITS = 1;

/**
 * Bits layer by layer, the fewest a greedy search finds: the method of Stripes (Judd et al., MICRO 2016, section 2), where each
 * layer is lowered as far as accuracy allows. It begins at the fewest uniform bits that keep the floor. A round tries every
 * layer one bit lower, then the harmless ones together, those first that harm least for what they save, and takes the largest joint step
 * that keeps the floor; a layer that breaks it alone is left where it is from then on.
 * @returns the profile; uniform 8 bits when nothing less keeps the floor
 */
export async function searchProfile(search: ProfileSearch): Promise<Profile> {
  const { macs, floor, evaluate, onRound, uniform = (bits) => macs.map(() => bits) } = search;
  const widths = range(MAX_PROFILE_BITS - 1, MIN_PROFILE_BITS);
  const keeps = (score: ProfileScore | null): score is ProfileScore => score !== null && score.right >= floor;
  let best: Profile = macs.map(() => MAX_PROFILE_BITS);
  for (const [index, score] of (await evaluate(widths.map(uniform))).entries()) {
    // Fewer bits can be right by luck where more are not: the first failure ends the descent.
    if (!keeps(score)) break;
    best = uniform(widths[index]!);
  }
  /** The largest joint step that keeps the floor: from the largest on, one by one, since all beyond the one that is taken are for nothing. */
  async function largestStep(from: Profile, harmless: readonly number[]): Promise<Profile> {
    const [single, ...larger] = jointSizes(harmless.length).map((size) => lowered(from, harmless.slice(0, size)));
    for (const step of larger.reverse()) {
      const [score] = await evaluate([step]);
      if (keeps(score!)) return step;
    }
    return single!;
  }
  const frozen = new Set<number>();
  for (;;) {
    onRound?.(best);
    const open = [...macs.keys()].filter((layer) => !frozen.has(layer) && best[layer]! > MIN_PROFILE_BITS);
    if (open.length === 0) return best;
    const [now, ...scores] = await evaluate([best, ...open.map((layer) => lowered(best, [layer]))]);
    const harmless = open
      .flatMap((layer, index) => {
        const score = scores[index]!;
        if (keeps(score)) return [{ layer, saved: macs[layer]!, harm: now!.agreement - score.agreement }];
        frozen.add(layer);
        return [];
      })
      .sort((a, b) => perSaved(a) - perSaved(b) || b.saved - a.saved || a.layer - b.layer)
      .map(({ layer }) => layer);
    if (harmless.length === 0) return best;
    best = await largestStep(best, harmless);
  }
}

/** What a step harms for what it saves; none where it harms nothing. */
function perSaved({ harm, saved }: { readonly harm: number; readonly saved: number }): number {
  if (harm <= 0) return 0;
  return saved > 0 ? harm / saved : Infinity;
}

function lowered(profile: Profile, layers: readonly number[]): Profile {
  return profile.map((bits, layer) => (layers.includes(layer) ? bits - 1 : bits));
}

/** How many of `count` are tried together: 1, 2, 3, 4, 6, 8, 12, ... and all. */
export function jointSizes(count: number): number[] {
  const sizes: number[] = [];
  for (let size = 1; size < count; size = Math.max(size + 1, Math.floor(size * 1.4))) sizes.push(size);
  return [...sizes, count];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: from - to + 1 }, (_, step) => from - step);
}

/** `8-4-4-3`, as papers print profiles and `fovea energy --profile` reads them. */
export function profileText(profile: Profile): string {
  return profile.join('-');
}
