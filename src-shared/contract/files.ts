import { z } from 'zod';
import type { ErrorRecord } from '../errors.ts';
import type { ImageEntry } from './images.ts';
import type { ModelSummary } from './model-summary.ts';
import { type FileReference, fileReferenceSchema } from './file-reference.ts';
import { procedure } from './procedure.ts';

/** Bytes of one file sent to the browser host. */
export const MAX_UPLOAD_BYTES = 2 ** 31;
export { MAX_OPENED_IMAGES } from './limits.ts';

/** How the files of importance maps end, in the order in which they are looked for. */
export const MAP_EXTENSIONS = ['.png', '.csv', '.npy'] as const;

/** File names Fovea takes for images; the content decides. */
export const IMAGE_EXTENSIONS = ['.jpg', '.jpeg', '.png', '.webp', '.gif', '.tif', '.tiff', '.avif'] as const;

export { type FileReference, fileReferenceSchema } from './file-reference.ts';

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

export interface PathEntry {
  readonly path: string;
  readonly name: string;
  readonly kind: 'file' | 'folder';
}

const CHOICES = ['images', 'folder', 'model', 'map', 'maps'] as const;
export type Choice = (typeof CHOICES)[number];

export const FILES = {
  /** Images, folders (searched for images, with their folders) and `.onnx` models. */
  'files.open': procedure<OpenedFiles>()(z.strictObject({ files: z.array(fileReferenceSchema).min(1).max(20_000) })),
  /** The system's dialog; nothing chosen gives an empty list. Error `not-allowed` in the browser host. */
  'files.choose': procedure<readonly FileReference[]>()(z.strictObject({ choice: z.enum(CHOICES) })),
  /** Paths on the host that begin with `prefix`, folders first. Error `not-allowed` under Electron, which has the dialog. */
  'files.complete': procedure<{ readonly entries: readonly PathEntry[]; readonly more: boolean }>()(
    z.strictObject({ prefix: z.string().max(4096) }),
  ),
} as const;
