import { z } from 'zod';
import { type FoveaErrorCode, isErrorCode } from '../errors.ts';

/** An error as it crosses to the page. */
export const errorRecordSchema = z.object({
  code: z.string().refine((code): code is FoveaErrorCode => isErrorCode(code)),
  message: z.string(),
  next: z.string(),
});
