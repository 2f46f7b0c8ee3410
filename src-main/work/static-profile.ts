import type { Keeps } from '../../src-shared/runs/policies.ts';
import { type PrecisionPlan, type RangeMode, resolvePlan } from '../../src-shared/precision/precision-plan.ts';
import { type Profile, type ProfileScore, searchProfile } from '../../src-shared/precision/profile-search.ts';
import { canonicalJson, type DatasetImage, inFirstHalf, type TopClasses } from '../../src-shared/runs/run-record.ts';
import { count } from '../text/figure-text.ts';
import type { Dataset } from '../datasets/dataset.ts';
import type { FolderSession } from './folder-session.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { imageResults, runPlans } from '../store/run-query.ts';

export interface ProfileOrder {
  readonly name: string;
  readonly range: RangeMode;
  readonly keeps: Keeps;
  /** Accuracy that may be lost, 0..1. */
  readonly tolerance: number;
  readonly seed: number;
}

export interface FoundProfile {
  /** Bits by layer, in the order of the layers. */
  readonly bits: Profile;
  readonly plan: PrecisionPlan;
  /** What the search went through, each cheaper than the one before; the last one is `plan`. */
  readonly path: readonly PrecisionPlan[];
  /** Images the search was judged by, and how many the plain network and the profile get right. */
  readonly images: number;
  readonly plainRight: number;
  readonly right: number;
  readonly plansTried: number;
  /** Id of the run that holds all that was tried. */
  readonly runId: string;
}

/**
 * Finds layer-wise bits on the first half of the images. All that is tried is kept in a run of its own, which the same search
 * goes on with: one that was stopped is soon where it was. Layers that read the same tensor are lowered together.
 */
export async function findProfile(
  session: FolderSession,
  dataset: Dataset,
  { calibration: images, digests }: Halves,
  { name, range, keeps, tolerance, seed }: ProfileOrder,
  progress: (message: string) => void,
): Promise<FoundProfile> {
  const { model, store } = session;
  const planOf = (tensorBits: Profile) => profilePlan(model, layerBits(model, tensorBits), range);
  const macs = macsByTensor(model);
  const first = planOf(macs.map(() => 8));
  const begun = await session.begin(dataset, {
    name: `${name} (search for bits)`,
    note: `Keeps ${keeps === 'top1' ? 'Top-1' : 'Top-5'}, at most ${count(Number((100 * tolerance).toFixed(6)), 'point')} lost`,
    plans: [first],
    detail: 'basic',
    seed,
    images,
    again: { digests, grows: true },
  });
  const { writer } = begun;
  const plans = runPlans(store, writer.runId);
  const indexes = new Map(plans.map((plan, index) => [canonicalJson(plan), index]));

  async function evaluate(profiles: readonly Profile[]): Promise<readonly ProfileScore[]> {
    const wanted = profiles.map((profile) => {
      const plan = planOf(profile);
      const key = canonicalJson(plan);
      const known = indexes.get(key);
      if (known !== undefined) return known;
      const index = writer.addPlan(plan);
      indexes.set(key, index);
      plans.push(plan);
      return index;
    });
    await session.work(begun, plans, `${plans.length} profiles tried, `);
    return wanted.map((index) => score(index));
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
  const path: PrecisionPlan[] = [];
  const found = await searchProfile({
    macs,
    floor,
    evaluate,
    onRound: (best) => {
      path.push(planOf(best));
      progress(`best so far: ${layerBits(model, best).join('-')}`);
    },
  });
  const [foundScore] = await evaluate([found]);
  session.finish(begun);
  return {
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
  /** Digest of every image of the dataset by its path; null where it cannot be read. */
  readonly digests: ReadonlyMap<string, string | null>;
}

/** Halves a dataset by the digests of its files: what is found on one half is reported on the other. */
export async function halves(session: FolderSession, dataset: Dataset): Promise<Halves> {
  const digests = await session.digests(dataset);
  const readable = dataset.images.filter(({ path }) => digests.get(path));
  const { first = [], second = [] } = Object.groupBy(readable, ({ path }) =>
    inFirstHalf(digests.get(path)!) ? 'first' : 'second',
  );
  const every = Math.ceil(first.length / MAX_SEARCH_IMAGES);
  return { calibration: first.filter((_, index) => index % every === 0), rest: second, digests };
}
