import { z } from 'zod';
import type { PlanOptions } from './precision-plan.ts';

const optionalNumbers = z.array(z.number()).max(64);

/** The shape alone; `resolvePlan` judges the values and names the option that is wrong. */
export const planOptionsSchema: z.ZodType<PlanOptions> = z.strictObject({
  metric: z.string().max(64).exactOptional(),
  regions: z.number().exactOptional(),
  lowShare: z.number().exactOptional(),
  threshold: z.union([z.number(), optionalNumbers]).exactOptional(),
  bits: optionalNumbers.exactOptional(),
  layerBits: z.record(z.string().max(1024), z.union([z.number(), optionalNumbers])).exactOptional(),
  inputBits: z.number().exactOptional(),
  range: z.string().max(64).exactOptional(),
  powerOfTwo: z.boolean().exactOptional(),
  quantiser: z.string().max(64).exactOptional(),
  weightBits: z.number().exactOptional(),
  seed: z.number().exactOptional(),
});
