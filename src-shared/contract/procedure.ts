import { z } from 'zod';

/** One procedure: the schema its input must meet, and (for the compiler alone) the type of its result. */
export interface Procedure<Input extends z.ZodType, Result> {
  readonly input: Input;
  readonly result?: Result;
}

export function procedure<Result>() {
  return <Input extends z.ZodType>(input: Input): Procedure<Input, Result> => ({ input });
}

export const nothing = z.strictObject({});
export const id = z.string().min(1).max(256);
export const path = z.string().min(1).max(4096);
