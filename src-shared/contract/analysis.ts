import { z } from 'zod';
import type { Analysis } from '../analysis.ts';
import { planOptionsSchema } from '../precision/plan-options.ts';
import { id, procedure } from './procedure.ts';

export interface ExportedFile {
  /** Suggested file name. */
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
}

const EXPORT_KINDS = ['importance-png', 'levels-png', 'bits-png', 'map', 'csv', 'json'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];

/** An image is analysed under so many plans in one call. */
const MOST_PLANS_AT_ONCE = 32;

const analysisInput = { imageId: id, modelId: id, plan: planOptionsSchema };

export const ANALYSIS = {
  'analysis.run': procedure<Analysis>()(
    z.strictObject({
      ...analysisInput,
      /** Default: all. */
      accelerators: z.array(z.string().max(64)).max(64).exactOptional(),
      /** Also count zeros, non-zero bits, clipping and noise, which takes longer. */
      counts: z.boolean().default(false),
    }),
  ),
  /** One image under several plans, all counts included: what a plan is held against. */
  'analysis.several': procedure<readonly Analysis[]>()(
    z.strictObject({ imageId: id, modelId: id, plans: z.array(planOptionsSchema).min(1).max(MOST_PLANS_AT_ONCE) }),
  ),
  'analysis.export': procedure<ExportedFile>()(
    z.strictObject({
      ...analysisInput,
      kind: z.enum(EXPORT_KINDS),
      /** For `bits-png`; default: the first layer. */
      layer: z.string().max(1024).exactOptional(),
    }),
  ),
} as const;
