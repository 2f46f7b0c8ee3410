import { z } from 'zod';
import { planOptionsSchema } from '../precision/plan-options.ts';
import { MAX_COMPARED } from '../runs/run-comparison.ts';
import type { ExportedFile } from './analysis.ts';
import { id, procedure } from './procedure.ts';

/** The files that `fovea report` writes. */
export const REPORTS = {
  'reports.run': procedure<ExportedFile>()(z.strictObject({ runId: id })),
  /** The first is the baseline; a plan is an index into its run's. */
  'reports.comparison': procedure<ExportedFile>()(
    z.strictObject({
      sides: z
        .array(z.strictObject({ runId: id, plan: z.int().min(0).max(4095) }))
        .min(2)
        .max(MAX_COMPARED),
    }),
  ),
  'reports.analysis': procedure<ExportedFile>()(z.strictObject({ imageId: id, modelId: id, plan: planOptionsSchema })),
} as const;
