import { z } from 'zod';
import { FoveaError } from '../errors.ts';
import { resolvePlan } from './precision-plan.ts';
import {
  type OptionKind,
  type OptionKinds,
  PLAN_OPTION_NAMES,
  PLAN_OPTIONS,
  type PlanOptionName,
  type PlanOptions,
} from './plan-option-table.ts';

const numbers = z.array(z.number()).max(64).readonly();
const numberOrNumbers = z.union([z.number(), numbers]);

const SCHEMAS: { readonly [Kind in OptionKind]: z.ZodType<OptionKinds[Kind]> } = {
  word: z.string().max(64),
  number: z.number(),
  numbers,
  'number or numbers': numberOrNumbers,
  switch: z.boolean(),
  'bits by layer': z.record(z.string().max(1024), numberOrNumbers).readonly(),
};

/** The shape alone; `resolvePlan` judges the values and names the option that is wrong. */
export const planOptionsSchema: z.ZodType<PlanOptions> = z.strictObject(
  Object.fromEntries(PLAN_OPTION_NAMES.map((name) => [name, SCHEMAS[PLAN_OPTIONS[name].kind].exactOptional()])),
);

/** Options that others are judged by come first: any beginning of a valid plan is one. */
const BY_DEPENDENCE = [...new Set<PlanOptionName>(['bits', 'quantiser', 'range', ...PLAN_OPTION_NAMES])];

/** Of options that another Fovea wrote, those that make a valid plan here: one that is unknown or wrong costs itself alone. */
export function soundOptions(stored: Readonly<Record<string, unknown>>): PlanOptions {
  let sound: PlanOptions = {};
  for (const name of BY_DEPENDENCE) {
    if (!Object.hasOwn(stored, name)) continue;
    const parsed = planOptionsSchema.safeParse({ ...sound, [name]: stored[name] });
    if (parsed.success && isPlan(parsed.data)) sound = parsed.data;
  }
  return sound;
}

function isPlan(options: PlanOptions): boolean {
  try {
    resolvePlan(options);
    return true;
  } catch (error) {
    if (error instanceof FoveaError) return false;
    throw error;
  }
}

/** Options as {@link soundOptions} leaves them. */
export const soundPlanSchema: z.ZodType<PlanOptions, PlanOptions> = z
  .record(z.string(), z.unknown())
  .transform(soundOptions);
