import { PLAN_OPTION_NAMES, PLAN_OPTIONS } from '../../src-shared/precision/plan-option-table.ts';
import { planOptionsSchema } from '../../src-shared/precision/plan-options.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import {
  parsePlan,
  type PlanOptions,
  type PrecisionPlan,
  resolvePlan,
  withoutIdleMap,
} from '../../src-shared/precision/precision-plan.ts';
import { distinctPlans } from '../../src-shared/runs/controls.ts';
import { parseJsonText } from '../files/json-text.ts';
import { readSmallFile } from '../files/small-file.ts';

/** More plans than this are a slip of the pen, not a grid. */
const MAX_PLANS = 4096;
const MAX_BYTES = 16 * 2 ** 20;

/**
 * Plans from a file: one, or a list; each as the options of the command line (`{"bits": [4, 2], "lowShare": 0.5}`) or fully
 * resolved, as results show them: then they are taken to the letter.
 * @param base options that a plan of the file does not name
 * @throws FoveaError `bad-plan` naming the file and what is wrong
 */
export async function readPlans(file: string, base: PlanOptions): Promise<PrecisionPlan[]> {
  const value = await readJson(file);
  const plans = Array.isArray(value) ? value : [value];
  if (plans.length === 0) throw wrong(file, 'the list has no plans; expected at least one');
  return distinctPlans(plans.map((plan, index) => planOf(plan, base, `${file}, plan ${index + 1}`)));
}

/**
 * All combinations of a grid: `{"metric": ["combined", "random"], "bits": [[4, 3], [4, 2]], "range": "position"}`. A list holds
 * alternatives; an option that is a list itself takes a list of lists.
 * @param base options that the grid does not name
 * @throws FoveaError `bad-plan`
 */
export async function readGrid(file: string, base: PlanOptions): Promise<PrecisionPlan[]> {
  const value = await readJson(file);
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(file, 'expected an object that gives alternatives by option');
  const axes = Object.entries(value).map(([option, given]) => ({
    option,
    alternatives: alternativesOf(option, given),
  }));
  const size = axes.reduce((product, { alternatives }) => product * alternatives.length, 1);
  if (size === 0 || size > MAX_PLANS) throw wrong(file, `a grid of ${size} plans; expected 1 to ${MAX_PLANS}`);
  let combinations: Record<string, unknown>[] = [{}];
  for (const { option, alternatives } of axes)
    combinations = combinations.flatMap((so) => alternatives.map((alternative) => ({ ...so, [option]: alternative })));
  return distinctPlans(combinations.map((options) => planOf(options, base, file)));
}

function alternativesOf(option: string, given: unknown): unknown[] {
  if (!Array.isArray(given)) return [given];
  const name = PLAN_OPTION_NAMES.find((known) => known === option);
  const isList = name !== undefined && ['numbers', 'number or numbers'].includes(PLAN_OPTIONS[name].kind);
  return isList && !given.some(Array.isArray) ? [given] : given;
}

function planOf(value: unknown, base: PlanOptions, place: string): PrecisionPlan {
  try {
    if (typeof value === 'object' && value !== null && 'shares' in value) return parsePlan(value);
    const options = planOptionsSchema.safeParse(value);
    if (!options.success) {
      const issue = options.error.issues[0]!;
      throw new FoveaError('bad-plan', `${issue.path.join('.') || 'plan'}: ${issue.message}`);
    }
    return withoutIdleMap(resolvePlan({ ...base, ...options.data }));
  } catch (error) {
    throw error instanceof FoveaError ? wrong(place, error.message) : error;
  }
}

async function readJson(file: string): Promise<unknown> {
  try {
    return parseJsonText((await readSmallFile(file, MAX_BYTES)).toString());
  } catch (error) {
    throw wrong(file, error instanceof Error ? error.message : String(error));
  }
}

function wrong(place: string, reason: string): FoveaError {
  return new FoveaError(
    'bad-plan',
    `${place}: ${reason}`,
    `Options are those of the command line: ${PLAN_OPTION_NAMES.join(', ')}.`,
  );
}
