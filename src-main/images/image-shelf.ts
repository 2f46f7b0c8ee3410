import { stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { MAX_OPENED_IMAGES, type FailedFile, type OpenedFiles } from '../../src-shared/contract/files.ts';
import type { EncodedImage, ImageEntry, OwnMap } from '../../src-shared/contract/images.ts';
import type { LevelMap } from '../../src-shared/contract/runs.ts';
import { usesMaps } from '../../src-shared/precision/metrics.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { Preprocessing } from '../../src-shared/preprocessing.ts';
import type { ModelSummary } from '../../src-shared/contract/models.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { walkImages, withoutMaps } from '../datasets/image-walk.ts';
import { samples } from './samples.ts';
import { figuresOf, type Work } from '../../src-shared/work.ts';

/** A preview is waited for and may be looked at pixel by pixel; a tile is one of many. */
export type PicturePurpose = 'preview' | 'thumbnail' | 'tile';

/** Reads image files for the view; decoding runs outside this process. */
export interface ImageReader {
  /** Pixels of the upright image, from its header. @throws FoveaError `image-*` */
  size(path: string): Promise<{ readonly width: number; readonly height: number }>;
  /** The upright image, its longer side at most `maxSide`, encoded for a browser. @throws FoveaError `image-*` */
  picture(path: string, maxSide: number, purpose: PicturePurpose, signal?: AbortSignal): Promise<EncodedImage>;
  /** Digest of a file that can be the map of a photo. @throws FoveaError as `checkMap` */
  map(path: string, photo: { readonly width: number; readonly height: number }): Promise<string>;
  /** The levels of a plan over the image. @throws FoveaError `image-*` */
  levels(path: string, preprocessing: Preprocessing, plan: PrecisionPlan, signal?: AbortSignal): Promise<LevelMap>;
}

/** A file or folder to open: where it lies, and what it is called to the user. */
export interface NamedPath {
  readonly path: string;
  readonly name: string;
  /** It lies in a private folder of Fovea's: a sample, an upload. */
  readonly ownPlace: boolean;
}

/** The images the pages know, by ids that mean nothing else: no page can make one up. */
export interface ImageShelf {
  /** The sample images that come with Fovea, by name. */
  samples(): Promise<readonly ImageEntry[]>;
  open(
    files: readonly NamedPath[],
    addModel: (path: string) => Promise<ModelSummary>,
    work: Work,
  ): Promise<OpenedFiles>;
  known(imageId: string): StoredImage | undefined;
  /** Of an open file; undefined for any other. */
  idOf(path: string): string | undefined;
  /** Gives an image a map. @throws FoveaError as {@link find} */
  setMap(imageId: string, map: OwnMap): void;
  /** Paths of the maps that images have been given. */
  maps(): ReadonlySet<string>;
  /** @throws FoveaError `image-missing` for an id that was never given out */
  find(imageId: string): StoredImage;
}

export interface StoredImage {
  readonly path: string;
  readonly entry: ImageEntry;
}

/**
 * Does something with an image. Where it lies in a private folder of Fovea's (a sample, an upload), errors give its name in place
 * of a path the user never saw.
 */
export async function privately<Result>({ path, entry }: StoredImage, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw entry.path === null ? renamed(error, path, entry.name) : error;
  }
}

export function renamed(error: unknown, path: string, name: string): unknown {
  if (!(error instanceof FoveaError)) return error;
  return new FoveaError(error.code, error.message.replaceAll(path, name), error.next, { cause: error });
}

const PROGRESS_MILLISECONDS = 100;

export function imageShelf(samplesFolder: string, reader: ImageReader): ImageShelf {
  const byId = new Map<string, StoredImage>();
  const idOfPath = new Map<string, string>();

  const add = async ({ path, name, ownPlace }: NamedPath): Promise<ImageEntry> => {
    // Read anew each time: the file may have changed since.
    const { width, height } = await reader.size(path);
    const id = idOfPath.get(path) ?? `image-${idOfPath.size + 1}`;
    const map = byId.get(id)?.entry.map;
    const entry = { id, name, path: ownPlace ? null : path, width, height, ...(map ? { map } : {}) };
    idOfPath.set(path, id);
    byId.set(id, { path, entry });
    return entry;
  };

  const find = (imageId: string) => {
    const image = byId.get(imageId);
    if (!image) throw new FoveaError('image-missing', `there is no open image ${imageId}`, 'Open the image again.');
    return image;
  };

  return {
    async samples() {
      return Promise.all(samples(samplesFolder).map((path) => add({ path, name: basename(path), ownPlace: true })));
    },

    async open(files, addModel, { signal, progress }) {
      const images: ImageEntry[] = [];
      const models: ModelSummary[] = [];
      const failed: FailedFile[] = [];
      const fail = (name: string, error: unknown) => failed.push({ name, error: toErrorRecord(error) });

      const wanted: NamedPath[] = [];
      for (const file of files) {
        try {
          wanted.push(...(await expand(file, signal)));
        } catch (error) {
          fail(file.name, error);
        }
      }
      // What is dropped together with its photo is found beside it.
      const photos = withoutMapsBeside(wanted);
      let told = 0;
      let skipped = 0;
      for (const [index, file] of photos.entries()) {
        if (signal.aborted) break;
        if (performance.now() - told > PROGRESS_MILLISECONDS) {
          told = performance.now();
          progress(figuresOf('opening-files', { done: index, total: photos.length }));
        }
        try {
          if (file.path.toLowerCase().endsWith('.onnx')) models.push(await addModel(file.path));
          else if (images.length < MAX_OPENED_IMAGES) images.push(await add(file));
          else skipped++;
        } catch (error) {
          fail(file.name, file.ownPlace ? renamed(error, file.path, file.name) : error);
        }
      }
      return { images, models, failed, skipped };
    },

    known: (imageId) => byId.get(imageId),
    idOf: (path) => idOfPath.get(path),

    setMap(imageId, map) {
      const { path, entry } = find(imageId);
      byId.set(imageId, { path, entry: { ...entry, map } });
    },
    maps: () => new Set([...byId.values()].flatMap(({ entry }) => entry.map?.path ?? [])),
    find,
  };
}

function withoutMapsBeside(files: readonly NamedPath[]): NamedPath[] {
  const kept = new Set(withoutMaps(files.map(({ path }) => path)));
  return files.filter(({ path }) => kept.has(path));
}

/** The file itself, or the images below a folder, in the order of their paths. */
async function expand(file: NamedPath, signal: AbortSignal): Promise<NamedPath[]> {
  // What cannot be asked is opened as a file, whose error says why.
  const isFolder = await stat(file.path).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) return [file];
  const { files } = await walkImages(file.path, { signal });
  if (files.length === 0)
    throw new FoveaError('dataset-empty', `${file.path}: no images in this folder`, 'Choose a folder with images.');
  return files.map((below) => ({ ...file, path: join(file.path, below), name: basename(below) }));
}

/** The map that an image was given, where a plan takes one; undefined: one beside it is looked for. */
export function mapFor({ entry }: StoredImage, plan: PrecisionPlan): string | undefined {
  return usesMaps(plan) ? entry.map?.path : undefined;
}
