import { z } from 'zod';
import { COMMAND_IDS } from '../commands.ts';
import type { DeviceState } from '../device.ts';
import { soundPlanSchema } from '../precision/plan-options.ts';
import { type FileReference, fileReferenceSchema } from './files.ts';
import { id, nothing, procedure } from './procedure.ts';

/** What is remembered from one start to the next; `jsonFile` reads each field by itself. */
export const settingsSchema = z.strictObject({
  modelId: id.nullable(),
  plan: soundPlanSchema.nullable(),
  accelerator: z.string().max(64).nullable(),
});
export type Settings = z.infer<typeof settingsSchema>;
export const NOTHING_REMEMBERED: Settings = { modelId: null, plan: null, accelerator: null };

export type HostKind = 'electron' | 'browser';

export interface AppInfo {
  readonly version: string;
  readonly host: HostKind;
  /** Node's name of the operating system the machine side runs on: `linux`, `darwin`, `win32`. */
  readonly platform: string;
  /** The run store, where it is not the one that commands take by themselves. */
  readonly db?: string;
}

export const APP = {
  'app.info': procedure<AppInfo>()(nothing),
  /** The page listens now: gives the files the shell was asked to open before; later ones come as `files.opened`. */
  'app.ready': procedure<{ readonly files: readonly FileReference[] }>()(nothing),
  /** Commands that exist and are possible at the moment: the native menu enables these. */
  'app.commands': procedure<null>()(z.strictObject({ enabled: z.array(z.enum(COMMAND_IDS)).max(256) })),
  /** What networks can run on here, by trying. */
  'app.devices': procedure<readonly DeviceState[]>()(nothing),
  'settings.get': procedure<Settings>()(nothing),
  'settings.set': procedure<null>()(settingsSchema),
} as const;

export const APP_EVENTS = {
  /** The shell was asked to open files: a second start, a file association, the menu. */
  'files.opened': z.object({ files: z.array(fileReferenceSchema) }),
} as const;
