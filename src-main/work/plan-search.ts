import { count } from '../../src-shared/count-text.ts';
import { hardestFirst, type ImageWorth, survivors } from '../../src-shared/precision/early-rejection.ts';
import { bitsOfLayer, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { Profile, ProfileScore } from '../../src-shared/precision/profile-search.ts';
import { agreementFor } from '../../src-shared/runs/agreement-floor.ts';
import { UNIFORM_WIDTHS } from '../../src-shared/runs/controls.ts';
import type { Keeps } from '../../src-shared/runs/policies.ts';
import { canonicalJson, type DatasetImage, type TopClasses } from '../../src-shared/runs/run-record.ts';
import { sharedProbability } from '../../src-shared/top-classes.ts';
import { figuresOf } from '../../src-shared/work.ts';
import { runPlans } from '../store/run-query.ts';
import type { ImageAnswers, RunWriter } from '../store/run-writer.ts';
import type { BegunRun, Evaluator, Images } from './evaluator.ts';
import { patiently } from './patience.ts';

export interface SearchOrder {
  readonly name: string;
  readonly keeps: Keeps;
  /** Accuracy that may be lost, 0..1. */
  readonly tolerance: number;
  readonly seed: number;
  readonly searchFrom?: string | undefined;
}

/** Images to search on. */
export interface SearchedImages {
  readonly calibration: readonly DatasetImage[];
  /** See {@link FoundProfile.byAgreement}. */
  readonly byAgreement: boolean;
  /** Digest of every image of the dataset by its path; null where it cannot be read. */
  readonly digests: ReadonlyMap<string, string | null>;
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

/** What a plan gives on the images of a search. */
export interface PlanScore extends ProfileScore {
  readonly images: number;
  readonly plainRight: number;
}

/** A plan that has seen all images of a search. */
interface JudgedPlan {
  readonly score: PlanScore;
  /** By path. */
  readonly byImage: ReadonlyMap<string, ImageWorth>;
}

/**
 * A search for a plan on some images. All that is tried is kept with a run of its own, which the same search goes on with: one that was
 * stopped is soon where it was. Plans of the run are those that keep the floor, and those of which all images were asked for: whatever was
 * given up, and when, is none.
 */
export class PlanSearch {
  /** Of the best plan so far, for people. */
  best: string | null = null;
  readonly #evaluator: Evaluator;
  readonly #begun: BegunRun;
  readonly #keeps: Keeps;
  readonly #images: SearchedImages;
  readonly #uniform: readonly PrecisionPlan[];
  /** Plans are told apart by their canonical JSON, here and in the others. */
  readonly #ofRun: Set<string>;
  readonly #judged = new Map<string, JudgedPlan>();
  /** Below the floor, or cannot reach it whatever they are worth on the images that they have not seen. */
  readonly #givenUp = new Set<string>();
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
    this.#ofRun = new Set(runPlans(evaluator.store, begun.writer.runId).map(canonicalJson));
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
    // Images that failed are tried again, under all that was there.
    await evaluator.work(begun, runPlans(evaluator.store, search.runId), search.#stage);
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

  /** Shows plans all images. */
  async judge(plans: readonly PrecisionPlan[]): Promise<PlanScore[]> {
    const unknown = this.#unknown(plans);
    if (unknown.length > 0) {
      await this.#measured(unknown, null);
      await this.#judgeWhole(unknown, -Infinity);
    }
    return plans.map((plan) => this.#judged.get(canonicalJson(plan))!.score);
  }

  /**
   * Shows plans the images, the hardest first, until it is certain that they cannot reach the floor.
   * @returns null for one below the floor, unless all images were asked of it before
   */
  async sift(plans: readonly PrecisionPlan[]): Promise<(PlanScore | null)[]> {
    const unknown = this.#unknown(plans).filter((plan) => !this.#givenUp.has(canonicalJson(plan)));
    for (const plan of unknown) this.#givenUp.add(canonicalJson(plan));
    const least = this.#evaluator.imagesAtOnce;
    const left = await survivors(unknown, this.#hardestFirst(), this.#floor, least, async (shown, paths) => {
      const writer = await this.#measured(shown, paths);
      return shown.map((_, plan) => writer.answers(plan).reduce((sum, own) => sum + this.#worthOn(own).worth, 0));
    });
    if (left.length > 0) await this.#judgeWhole(left, this.#floor);
    return plans.map((plan) => this.#judged.get(canonicalJson(plan))?.score ?? null);
  }

  /** What plans are judged by: right answers, or agreement where labels are few. */
  worth({ right, agreement }: ProfileScore): number {
    return this.#images.byAgreement ? agreement : right;
  }

  /** @param path what the search went through, each cheaper than the one before; the last one is `plan` */
  async finish(plan: PrecisionPlan, path: readonly PrecisionPlan[]): Promise<FoundProfile> {
    const { model } = this.#evaluator;
    const [found, plain] = await this.judge([plan, this.#uniform[0]!]);
    const failing = (await this.sift(this.#uniform)).findIndex(
      (score) => score === null || this.worth(score) < this.#floor,
    );
    await this.#evaluator.finish(this.#begun);
    return {
      byAgreement: this.#images.byAgreement,
      bits: model.layers.map(({ name }, layer) => bitsOfLayer(plan, name, model.readsImage[layer]!).at(-1)!),
      plan,
      path,
      images: this.#images.calibration.length,
      plainRight: plain!.plainRight,
      right: found!.right,
      plansTried: new Set([...this.#judged.keys(), ...this.#givenUp]).size,
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

  get #stage() {
    return figuresOf('searching', { subject: this.best });
  }

  /** Those that have not seen all images yet, each once. */
  #unknown(plans: readonly PrecisionPlan[]): PrecisionPlan[] {
    const byKey = new Map(plans.map((plan) => [canonicalJson(plan), plan]));
    return [...byKey].flatMap(([key, plan]) => (this.#judged.has(key) ? [] : [plan]));
  }

  /** By what plans lack that keep the floor: those that will fail lack more of the same. */
  #hardestFirst(): readonly string[] {
    const eight = this.#judged.get(canonicalJson(this.#uniform[0]!))!;
    const keeping = [...this.#judged.values()].filter(({ score }) => this.worth(score) >= this.#floor);
    return hardestFirst(
      [...eight.byImage.keys()],
      keeping.map(({ byImage }) => byImage),
    );
  }

  /**
   * Measures plans.
   * @param paths of images; null for all
   * @returns who tells what they gave on them
   */
  async #measured(plans: readonly PrecisionPlan[], paths: readonly string[] | null): Promise<RunWriter> {
    const writer = await patiently(() => this.#begun.writer.trying(plans, paths));
    await this.#evaluator.work({ ...this.#begun, writer }, plans, this.#stage);
    return writer;
  }

  /** Makes plans that have seen all images plans of the run, those that are worth so much. */
  async #judgeWhole(plans: readonly PrecisionPlan[], floor: number): Promise<void> {
    const { writer } = this.#begun;
    const all = await patiently(() => writer.trying(plans, null));
    for (const [index, plan] of plans.entries()) {
      const judged = this.#judgement(all.answers(index));
      if (this.worth(judged.score) < floor) continue;
      const key = canonicalJson(plan);
      this.#judged.set(key, judged);
      this.#givenUp.delete(key);
      if (this.#ofRun.has(key)) continue;
      await patiently(() => this.#evaluator.store.addPlan(writer.runId, plan));
      this.#ofRun.add(key);
    }
    writer.plansChanged();
  }

  #judgement(all: readonly ImageAnswers[]): JudgedPlan {
    const byImage = new Map<string, ImageWorth>();
    let right = 0;
    let plainRight = 0;
    let agreement = 0;
    for (const answers of all) {
      const { baseline, label } = answers;
      const own = this.#worthOn(answers);
      if (isRight(baseline, label ?? baseline.classes[0], this.#keeps)) plainRight++;
      right += own.right;
      agreement += own.agreement;
      byImage.set(answers.path, own);
    }
    return { score: { images: all.length, right, plainRight, agreement }, byImage };
  }

  #worthOn({ label, baseline, quantised }: ImageAnswers): ImageWorth & ProfileScore {
    const right = Number(isRight(quantised, label ?? baseline.classes[0], this.#keeps));
    const own = { right, agreement: sharedProbability(baseline, quantised) };
    return { ...own, worth: this.worth(own) };
  }
}

export function isRight({ classes }: TopClasses, wanted: number | undefined, keeps: Keeps): boolean {
  return keeps === 'top1' ? classes[0] === wanted : wanted !== undefined && classes.includes(wanted);
}
