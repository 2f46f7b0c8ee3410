/**
 * What the view may ask of the machine, and what the machine tells the view, by subject. Two carriers bring it: Electron's IPC
 * (structured clone) and a loopback WebSocket (MessagePack); a `Uint8Array` survives both.
 */
import { z } from 'zod';
import { COMMAND_IDS } from '../commands.ts';
import { errorRecordSchema } from './error-record.ts';
import { ANALYSIS } from './analysis.ts';
import { APP, APP_EVENTS } from './app.ts';
import { COMPARISON } from './comparison.ts';
import { FILES } from './files.ts';
import { IMAGES } from './images.ts';
import { MODEL_EVENTS, MODELS } from './models.ts';
import type { Procedure } from './procedure.ts';
import { REPORTS } from './reports.ts';
import { RUN_EVENTS, RUNS } from './runs.ts';

export const PROCEDURES = {
  ...APP,
  ...FILES,
  ...IMAGES,
  ...MODELS,
  ...ANALYSIS,
  ...RUNS,
  ...COMPARISON,
  ...REPORTS,
} as const;

export type ProcedureName = keyof typeof PROCEDURES;
/** What a caller gives; what has a default may be left out. */
export type InputOf<Name extends ProcedureName> = z.input<(typeof PROCEDURES)[Name]['input']>;
/** What an implementation receives. */
export type ParsedInputOf<Name extends ProcedureName> = z.output<(typeof PROCEDURES)[Name]['input']>;
export type ResultOf<Name extends ProcedureName> =
  (typeof PROCEDURES)[Name] extends Procedure<z.ZodType, infer Result> ? Result : never;

export function isProcedureName(name: string): name is ProcedureName {
  return Object.hasOwn(PROCEDURES, name);
}

export const EVENTS = {
  ...APP_EVENTS,
  ...MODEL_EVENTS,
  ...RUN_EVENTS,
  /** `crashed`: the work in hand failed with this error, and a new engine is starting. */
  'engine.state': z.object({
    state: z.enum(['starting', 'opening', 'ready', 'crashed']),
    error: errorRecordSchema.nullable(),
    /** Name of the model that is being opened. */
    model: z.string().optional(),
  }),
  /** A command was chosen in the native menu. */
  command: z.object({ command: z.enum(COMMAND_IDS) }),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventOf<Name extends EventName> = z.output<(typeof EVENTS)[Name]>;
export type EngineState = EventOf<'engine.state'>;
