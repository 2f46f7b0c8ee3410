import { stat } from 'node:fs/promises';
import { basename, join, parse, posix, resolve } from 'node:path';
import { type ErrorRecord, FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { usesMaps } from '../../src-shared/precision/metrics.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import { FileDigests } from '../files/digest.ts';
import { imageDigest } from '../images/image-digest.ts';
import { MAP_EXTENSIONS } from '../../src-shared/contract/files.ts';
import { mapDigest } from '../images/map-file.ts';
import { MAP_SUFFIX } from './image-walk.ts';

/** The importance map of one image, as metric `given` takes it. */
export interface MapFile {
  /** Absolute path. */
  readonly path: string;
  /** Digest of its bytes, hexadecimal. */
  readonly sha256: string;
}

/** By path of the image: its map, or why there is none that can be used. */
export type ImageMaps = ReadonlyMap<string, MapFile | ErrorRecord>;

/**
 * The maps of images, where plans have a metric that takes them: `photo.map.png` (or .csv, .npy) beside `photo.jpg`; in a folder of
 * maps `photo.png`, in the folder of the photo's own or directly; or one file for one image.
 * @param root absolute path of the folder that the paths are relative to
 * @param maps a folder, or a file where there is one image; default: beside each photo
 * @param digests of files that may have been read already
 * @returns null where no plan asks for maps
 * @throws FoveaError `bad-argument` where maps are named and no plan asks for them, or one file for several images
 */
export async function findMaps(
  root: string,
  images: readonly string[],
  plans: readonly Pick<PrecisionPlan, 'metric'>[],
  maps?: string | null,
  digests = new FileDigests(),
): Promise<ImageMaps | null> {
  if (!plans.some(usesMaps)) {
    if (!maps) return null;
    throw new FoveaError(
      'bad-argument',
      `--maps ${maps}: no plan takes importance from a map`,
      'Add --metric given, or leave --maps out.',
    );
  }
  if (images.length !== 1) await refuseOneFile(images.length, plans, maps);
  const found = new Map<string, MapFile | ErrorRecord>();
  for (const [image, place] of await placesOfMaps(root, images, maps))
    found.set(
      image,
      typeof place === 'string' ? await recorded(async () => ({ path: place, sha256: await mapDigest(place) })) : place,
    );
  return withoutTwins(root, found, digests);
}

/** Where the maps of images lie, or why one has none; see {@link findMaps}. None is read. */
export async function placesOfMaps(
  root: string,
  images: readonly string[],
  maps?: string | null,
): Promise<ReadonlyMap<string, string | ErrorRecord>> {
  const given = maps ? resolve(maps) : null;
  const isFile = given !== null && (await isOneFile(given));
  const names = new Map<string, number>();
  for (const image of images) names.set(stemOf(image), (names.get(stemOf(image)) ?? 0) + 1);
  const found = new Map<string, string | ErrorRecord>();
  for (const image of images)
    found.set(
      image,
      await recorded(async () => (isFile ? given : mapOf(root, image, given, names.get(stemOf(image))! > 1))),
    );
  return found;
}

/** @throws FoveaError `map-…` where no image has a map: there is nothing to evaluate */
export function refuseMapless(maps: ImageMaps | null): void {
  const [first, ...others] = maps?.values() ?? [];
  if (!first || 'sha256' in first || others.some((map) => 'sha256' in map)) return;
  const { code, message, next } = first;
  throw new FoveaError(code, `none of the ${others.length + 1} images has a map that can be used: ${message}`, next);
}

/** @throws FoveaError `bad-argument` where one file is to be the map of several images */
export async function refuseOneFile(
  images: number,
  plans: readonly Pick<PrecisionPlan, 'metric'>[],
  maps?: string | null,
): Promise<void> {
  if (!maps || !plans.some(usesMaps) || !(await isOneFile(resolve(maps)))) return;
  throw new FoveaError(
    'bad-argument',
    `--maps ${maps}: one map for ${images} images`,
    'Name a folder that holds a map for each of them, called like its image.',
  );
}

async function isOneFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() ?? false;
}

/** What of maps decides the results of a run: the digest of each, by path of its image; null where an image has none. */
export function mapDigests(maps: ImageMaps): Record<string, string | null> {
  return Object.fromEntries([...maps].map(([image, map]) => [image, 'sha256' in map ? map.sha256 : null]));
}

const stemOf = (image: string) => parse(image).name;

async function recorded<Found>(find: () => Promise<Found>): Promise<Found | ErrorRecord> {
  try {
    return await find();
  } catch (error) {
    return toErrorRecord(error);
  }
}

/** @param shares whether other images have the same name, so that a map of that name alone might be anyone's */
async function mapOf(root: string, image: string, maps: string | null, shares: boolean): Promise<string> {
  const { dir } = posix.parse(image);
  const stem = stemOf(image);
  const places =
    maps === null ? [join(root, dir, stem + MAP_SUFFIX)] : [join(maps, dir, stem), ...(dir ? [join(maps, stem)] : [])];
  for (const [at, place] of places.entries()) {
    const paths = await present(place);
    if (paths.length > 1)
      throw new FoveaError(
        'map-invalid',
        `${join(root, image)}: has several importance maps: ${paths.map((path) => basename(path)).join(', ')}`,
        'Keep one of them.',
      );
    if (paths[0] !== undefined && at > 0 && shares)
      throw new FoveaError(
        'map-invalid',
        `${paths[0]}: several images are called ${stem}, and any of them may be meant`,
        `Put the map into a folder named ${dir}, as its image is.`,
      );
    if (paths[0] !== undefined) return paths[0];
  }
  // Where the photo itself is missing, that is what is told.
  await imageDigest(join(root, image));
  throw new FoveaError(
    'map-missing',
    `${join(root, image)}: has no importance map; looked for ${places.map((place) => `${place}{${MAP_EXTENSIONS.join(',')}}`).join(' and ')}`,
    maps === null ? 'Put it there, or name the folder of the maps with --maps.' : 'Put it there.',
  );
}

async function present(place: string): Promise<string[]> {
  const paths = MAP_EXTENSIONS.map((extension) => place + extension);
  const there = await Promise.all(
    paths.map((path) =>
      stat(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, at) => there[at]);
}

/** Results are kept by the photo's content: copies of a photo with maps of their own would take each other's. */
async function withoutTwins(root: string, maps: ImageMaps, digests: FileDigests): Promise<ImageMaps> {
  const bySize = new Map<number, string[]>();
  for (const image of maps.keys()) {
    const size = (await stat(join(root, image)).catch(() => null))?.size;
    if (size !== undefined) bySize.set(size, [...(bySize.get(size) ?? []), image]);
  }
  const first = new Map<string, string>();
  const refused = new Map<string, ErrorRecord>();
  for (const images of bySize.values()) {
    if (images.length < 2) continue;
    for (const image of images) {
      const digest = await digests.of(join(root, image)).catch(() => null);
      if (digest === null) continue;
      const twin = first.get(digest);
      if (twin === undefined) first.set(digest, image);
      else if (canonicalJson(shaOf(maps.get(twin))) !== canonicalJson(shaOf(maps.get(image))))
        refused.set(image, {
          code: 'map-invalid',
          message: `${join(root, image)}: is the same photo as ${twin}, which has another importance map`,
          next: 'Give both the same map, or evaluate them in different runs.',
        });
    }
  }
  return new Map([...maps].map(([image, map]) => [image, refused.get(image) ?? map]));
}

const shaOf = (map: MapFile | ErrorRecord | undefined) => (map && 'sha256' in map ? map.sha256 : null);
