import { FULL_BITS } from '../../../src-shared/runs/run-outcomes.ts';
import type { Keeps } from '../../../src-shared/runs/policies.ts';
import type { TopClasses } from '../../../src-shared/runs/run-record.ts';

/** A plan of a ladder, and what it costs one image: MAC-weighted bits in lock-step, over the whole network. */
export interface Step {
  /** Index of the plan. */
  readonly plan: number;
  readonly cost: number;
}

/** Costs as near as this may be equal where they are kept in single precision: then the oracle takes the first in order. */
const SAME_COST = 1 + 1e-6;

/**
 * One image on its way up a ladder of plans, the cheapest first, until one keeps its answer: what an oracle needs and no more. An
 * image that the plain network gets wrong needs none, and no plan is worth trying that costs more than the full price.
 */
export class Climb {
  readonly #steps: readonly Step[];
  readonly #right: number;
  readonly #keeps: Keeps;
  #at = 0;
  /** Costs above it need not be tried. */
  #bound = FULL_BITS * SAME_COST;

  private constructor(steps: readonly Step[], right: number, keeps: Keeps) {
    this.#steps = steps;
    this.#right = right;
    this.#keeps = keeps;
  }

  /**
   * @param steps of the ladder, told only where any is needed
   * @param label the right class; null: the plain network's
   * @returns null where no plan is needed
   */
  static of(plain: TopClasses, label: number | null, steps: () => readonly Step[]): Climb | null {
    const right = label ?? plain.classes[0];
    // Where the first answer has to be kept it is among the first five, and the cheapest plan that keeps those comes no later.
    const keeps = plain.classes[0] === right ? 'top1' : 'top5';
    if (right === undefined || !isKept(plain, right, keeps)) return null;
    return new Climb(
      steps().toSorted((a, b) => a.cost - b.cost || a.plan - b.plan),
      right,
      keeps,
    );
  }

  /**
   * The plan to be tried next, or null at the end.
   * @param answerOf what a plan has given so far
   */
  next(answerOf: (plan: number) => TopClasses | undefined): number | null {
    for (; this.#at < this.#steps.length; this.#at++) {
      const { plan, cost } = this.#steps[this.#at]!;
      if (cost > this.#bound) return null;
      const answer = answerOf(plan);
      if (!answer) return plan;
      if (isKept(answer, this.#right, this.#keeps)) this.#bound = Math.min(this.#bound, cost * SAME_COST);
    }
    return null;
  }
}

function isKept({ classes }: TopClasses, right: number, keeps: Keeps): boolean {
  return keeps === 'top1' ? classes[0] === right : classes.includes(right);
}
