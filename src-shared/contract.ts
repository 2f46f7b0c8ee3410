/**
 * What the view may ask of the machine, and what the machine tells the view. Two carriers bring it: Electron's IPC
 * (structured clone) and a loopback WebSocket (MessagePack); a `Uint8Array` survives both.
 */
import { z } from 'zod';
import type { Analysis } from './analysis.ts';
import { COMMAND_IDS, CONDITIONS } from './commands.ts';
import { isErrorCode, type ErrorRecord, type FoveaErrorCode } from './errors.ts';
import type { Rectangle } from './image.ts';
import type { LayerGeometry } from './measurement.ts';
import type { PlanOptions } from './precision/precision-plan.ts';

/** Of the browser host's WebSocket; the session's token is offered beside it as `token.<token>`. */
export const SUBPROTOCOL = 'fovea';
/** Bytes of one file sent to the browser host. */
export const MAX_UPLOAD_BYTES = 2 ** 31;
/** Images taken from one `files.open`; the rest is counted as skipped. */
export const MAX_OPENED_IMAGES = 10_000;

const id = z.string().min(1).max(256);
const path = z.string().min(1).max(4096);
const optionalNumbers = z.array(z.number()).max(64);

/** File names Fovea takes for images; the content decides. */
export const IMAGE_EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'] as const;

/** A file or folder the user named: a path on the host, or a file sent to the browser host (`batch/relative/path`). */
export const fileReferenceSchema = z.union([z.strictObject({ path }), z.strictObject({ upload: path })]);
export type FileReference = z.infer<typeof fileReferenceSchema>;

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

/** What is remembered from one start to the next. */
export const settingsSchema = z.strictObject({
  modelId: id.nullable(),
  plan: planOptionsSchema.nullable(),
  accelerator: z.string().max(64).nullable(),
});
export type Settings = z.infer<typeof settingsSchema>;
export const DEFAULT_SETTINGS: Settings = { modelId: null, plan: null, accelerator: null };

export type HostKind = 'electron' | 'browser';

export interface AppInfo {
  readonly version: string;
  readonly host: HostKind;
  /** Node's name of the operating system the machine side runs on: `linux`, `darwin`, `win32`. */
  readonly platform: string;
}

export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly classes: number;
  /** Width and height in pixels of the network's input. */
  readonly inputSize: readonly [number, number];
  readonly licence: string | null;
  /** Ranges from calibration images are stored: range `layer` can be used. */
  readonly calibrated: boolean;
  /** Comes with Fovea. */
  readonly embedded: boolean;
}

export interface ModelDetails extends ModelSummary {
  readonly layers: readonly LayerGeometry[];
  /** Class names by index; empty when the card has none. */
  readonly labels: readonly string[];
}

export interface ImageEntry {
  /** Opaque; good until the machine side ends. The same file has the same id. */
  readonly id: string;
  /** File name without folder. */
  readonly name: string;
  /** Where the file lies on the host; null for a sample and for an upload. */
  readonly path: string | null;
  /** Pixels of the upright photo. */
  readonly width: number;
  readonly height: number;
}

export interface FailedFile {
  readonly name: string;
  readonly error: ErrorRecord;
}

export interface OpenedFiles {
  readonly images: readonly ImageEntry[];
  readonly models: readonly ModelSummary[];
  /** Files that could not be opened; the others were. */
  readonly failed: readonly FailedFile[];
  /** Images beyond `MAX_OPENED_IMAGES`. */
  readonly skipped: number;
}

export interface EncodedImage {
  readonly mime: string;
  readonly bytes: Uint8Array;
  readonly width: number;
  readonly height: number;
}

export interface ImagePreview extends EncodedImage {
  /** The network's input within the photo, in pixels of the upright photo (fractions are possible). */
  readonly crop: Rectangle;
}

export interface ExportedFile {
  /** Suggested file name. */
  readonly name: string;
  readonly mime: string;
  readonly bytes: Uint8Array;
}

export interface RunSummary {
  readonly id: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly status: 'running' | 'complete' | 'cancelled' | 'failed';
  readonly model: string;
  readonly images: number;
  readonly plans: number;
}

export interface PathEntry {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

/** How far a request is. `total` is null while it is unknown. */
export interface Progress {
  /** What is being done, in words for the user: `opening SqueezeNet 1.1`. */
  readonly stage: string;
  readonly done: number;
  readonly total: number | null;
}

const imageOfModel = { imageId: id, modelId: id };
const analysisInput = { ...imageOfModel, plan: planOptionsSchema };

export const EXPORT_KINDS = ['importance-png', 'levels-png', 'bits-png', 'csv', 'json'] as const;
export type ExportKind = (typeof EXPORT_KINDS)[number];
export const CHOICES = ['images', 'folder', 'model'] as const;

/** One procedure: the schema its input must meet, and (for the compiler alone) the type of its result. */
export interface Procedure<Input extends z.ZodType, Result> {
  readonly input: Input;
  readonly result?: Result;
}

function procedure<Result>() {
  return <Input extends z.ZodType>(input: Input): Procedure<Input, Result> => ({ input });
}

const nothing = z.strictObject({});

export const PROCEDURES = {
  'app.info': procedure<AppInfo>()(nothing),
  /** The page listens now: gives the files the shell was asked to open before; later ones come as `files.opened`. */
  'app.ready': procedure<{ readonly files: readonly FileReference[] }>()(nothing),
  /** What the page can do at the moment; the native menu enables its commands by it. */
  'app.conditions': procedure<null>()(z.strictObject({ conditions: z.array(z.enum(CONDITIONS)).max(64) })),
  'settings.get': procedure<Settings>()(nothing),
  'settings.set': procedure<null>()(settingsSchema),

  'models.list': procedure<readonly ModelSummary[]>()(nothing),
  'models.open': procedure<ModelDetails>()(z.strictObject({ modelId: id })),

  'samples.list': procedure<readonly ImageEntry[]>()(nothing),
  /** Images, folders (searched for images, with their folders) and `.onnx` models. */
  'files.open': procedure<OpenedFiles>()(z.strictObject({ files: z.array(fileReferenceSchema).min(1).max(20_000) })),
  /** The system's dialog; nothing chosen gives an empty list. Error `not-allowed` in the browser host. */
  'files.choose': procedure<readonly FileReference[]>()(z.strictObject({ choice: z.enum(CHOICES) })),
  /** Paths on the host that begin with `prefix`, folders first. Error `not-allowed` under Electron, which has the dialog. */
  'files.complete': procedure<{ readonly entries: readonly PathEntry[]; readonly more: boolean }>()(
    z.strictObject({ prefix: z.string().max(4096) }),
  ),
  'images.thumbnail': procedure<EncodedImage>()(
    z.strictObject({ imageId: id, maxSide: z.int().min(16).max(1024).default(256) }),
  ),
  'images.preview': procedure<ImagePreview>()(
    z.strictObject({ ...imageOfModel, maxSide: z.int().min(64).max(8192).default(2048) }),
  ),

  'analysis.run': procedure<Analysis>()(
    z.strictObject({
      ...analysisInput,
      /** Default: all. */
      accelerators: z.array(z.string().max(64)).max(64).exactOptional(),
      /** Also count zeros, non-zero bits, clipping and noise, which takes longer. */
      counts: z.boolean().default(false),
    }),
  ),
  'analysis.export': procedure<ExportedFile>()(
    z.strictObject({
      ...analysisInput,
      kind: z.enum(EXPORT_KINDS),
      /** For `bits-png`; default: the first layer. */
      layer: z.string().max(1024).exactOptional(),
    }),
  ),

  'runs.list': procedure<readonly RunSummary[]>()(nothing),
  /** Analyses the images under the plan and keeps what came out. */
  'runs.save': procedure<RunSummary>()(
    z.strictObject({
      name: z.string().trim().min(1).max(200),
      imageIds: z.array(id).min(1).max(20_000),
      modelId: id,
      plan: planOptionsSchema,
    }),
  ),
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

const errorRecordSchema = z.object({
  code: z.string().refine((code): code is FoveaErrorCode => isErrorCode(code)),
  message: z.string(),
  next: z.string(),
});

export const EVENTS = {
  /** `crashed`: the work in hand failed with this error, and a new engine is starting. */
  'engine.state': z.object({
    state: z.enum(['starting', 'ready', 'crashed']),
    error: errorRecordSchema.nullable(),
  }),
  /** The shell was asked to open files: a second start, a file association, the menu. */
  'files.opened': z.object({ files: z.array(fileReferenceSchema) }),
  /** A command was chosen in the native menu. */
  command: z.object({ command: z.enum(COMMAND_IDS) }),
} as const;

export type EventName = keyof typeof EVENTS;
export type EventOf<Name extends EventName> = z.output<(typeof EVENTS)[Name]>;
export type EngineState = EventOf<'engine.state'>;

const requestId = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** From the page to the machine. `id` is the page's own count; a cancelled request answers with the error `cancelled`. */
export const pageMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request'), id: requestId, procedure: z.string().max(64), input: z.unknown() }),
  z.strictObject({ kind: z.literal('cancel'), id: requestId }),
]);
export type PageMessage = z.infer<typeof pageMessageSchema>;

/** From the machine to the page. Every request is answered by exactly one `result` or `error`. */
export const hostMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('result'), id: requestId, value: z.unknown() }),
  z.object({ kind: z.literal('error'), id: requestId, error: errorRecordSchema }),
  z.object({
    kind: z.literal('progress'),
    id: requestId,
    progress: z.object({ stage: z.string(), done: z.number(), total: z.number().nullable() }),
  }),
  z.object({ kind: z.literal('event'), event: z.string(), value: z.unknown() }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;

/** What the preload script of the Electron shell puts on `window.fovea`. `DroppedFile` is the DOM's `File`. */
export interface PreloadBridge<DroppedFile> {
  send(message: PageMessage): void;
  /** Called once. */
  receive(listener: (message: unknown) => void): void;
  /** Path on disk of a file the user dropped or chose; empty when it has none. */
  pathOf(file: DroppedFile): string;
}
