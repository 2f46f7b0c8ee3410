import { z } from 'zod';
import type { Rectangle } from '../image.ts';
import { fileReferenceSchema } from './file-reference.ts';
import { MAX_REGIONS } from '../precision/plan-option-table.ts';
import { MAX_OPENED_IMAGES } from './limits.ts';
import { id, nothing, procedure } from './procedure.ts';

/** The importance map that an image was given, painted or from a file: metric `given` takes it from then on. */
export interface OwnMap {
  /** On the host: what `--maps` of the command line takes. */
  readonly path: string;
  readonly sha256: string;
  /** Name of the file it came from; null where it was painted. */
  readonly name: string | null;
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
  /** Absent where it was given none: one beside the photo is looked for. */
  readonly map?: OwnMap;
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

/** The true classes of the images of a folder. */
export interface FolderLabels {
  /** What told them: a file's name, `class folders`, `file names`; null where nothing does. */
  readonly source: string | null;
  /** Class by id of the image, of those that are open. */
  readonly classes: Readonly<Record<string, number>>;
  /** Images of the folder. */
  readonly images: number;
  /** How they were read where that is not plain; sentences. */
  readonly remarks: readonly string[];
}

export const IMAGES = {
  'samples.list': procedure<readonly ImageEntry[]>()(nothing),
  /** Of images that a page had before it was reloaded, those that are still known by id and name. */
  'images.again': procedure<readonly ImageEntry[]>()(
    z.strictObject({
      images: z.array(z.strictObject({ id, name: z.string().max(4096) })).max(MAX_OPENED_IMAGES),
    }),
  ),
  /** Reads the labels of a folder whose images are open, for the classes of a model. */
  'images.labels': procedure<FolderLabels>()(z.strictObject({ modelId: id, folder: fileReferenceSchema })),
  /** Takes importance by cell over what a model sees of an image for the image's map. */
  'images.paint': procedure<OwnMap>()(
    z.strictObject({
      imageId: id,
      modelId: id,
      columns: z.int().min(1).max(MAX_REGIONS),
      values: z
        .array(z.number().min(0).max(1))
        .min(1)
        .max(MAX_REGIONS ** 2),
    }),
  ),
  /**
   * Takes a file for the image's map: a grey PNG, CSV or NPY of the photo's shape. Error `map-invalid`, `map-missing`; the image then keeps the
   * map it had.
   */
  'images.map': procedure<OwnMap>()(z.strictObject({ imageId: id, file: fileReferenceSchema })),
  'images.thumbnail': procedure<EncodedImage>()(
    z.strictObject({ imageId: id, maxSide: z.int().min(16).max(1024).default(256) }),
  ),
  'images.preview': procedure<ImagePreview>()(
    z.strictObject({ imageId: id, modelId: id, maxSide: z.int().min(64).max(8192).default(2048) }),
  ),
} as const;
