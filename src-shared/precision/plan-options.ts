import { z } from 'zod';
import {
  type OptionKind,
  type OptionKinds,
  PLAN_OPTION_NAMES,
  PLAN_OPTIONS,
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
