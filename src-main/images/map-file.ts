import { readFile, stat } from 'node:fs/promises';
import { extname } from 'node:path';
import { MAP_EXTENSIONS } from '../../src-shared/contract/files.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { isShapedLike, type ValueMap } from '../../src-shared/importance/value-map.ts';
import { separatorOf } from '../../src-shared/runs/csv.ts';
import { noFile } from '../files/small-file.ts';
import { systemCode } from '../files/system-error.ts';
import { digestOf } from '../files/digest.ts';
import { loadSharp } from './image-file.ts';
import { imageFormat } from './image-format.ts';
import { parseNpy } from './npy.ts';

/** A map of half the photo's side says as much; what is larger is refused before it is read. */
export const MAX_MAP_BYTES = 2 ** 26;
const MAX_MAP_VALUES = 2 ** 24;

/** A map as its file has it. */
export interface LoadedMap extends ValueMap {
  readonly values: Float64Array;
  /** Digest of the file's bytes, hexadecimal. */
  readonly sha256: string;
}

/** SHA-256 of a map's file, hexadecimal; whether it is a map is not looked at. @throws FoveaError as {@link loadMap} */
export async function mapDigest(path: string): Promise<string> {
  return digestOf(await readMapFile(path));
}

/**
 * Reads an importance map: a grey PNG of 8 or 16 bits (black 0, white 1), a text with a row of numbers a line, or an array of numpy.
 * The name's ending says which; whole numbers of a type fill 0..1, all others must lie there.
 * @throws FoveaError `map-missing`, `map-invalid` naming the file, what was expected and what was found
 */
export async function loadMap(path: string): Promise<LoadedMap> {
  const bytes = await readMapFile(path);
  try {
    const map = await READERS[endingOf(path)](bytes);
    const wrong = map.values.findIndex((value) => !(value >= 0 && value <= 1));
    if (wrong >= 0) {
      const place = `row ${Math.floor(wrong / map.width) + 1}, column ${(wrong % map.width) + 1}`;
      throw new Error(`expected importances from 0 to 1, found ${map.values[wrong]!} in ${place}`);
    }
    return { ...map, sha256: digestOf(bytes) };
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    throw invalid(path, error instanceof Error ? error.message : String(error), error);
  }
}

/** @throws FoveaError `map-invalid` where a map cannot cover a photo */
export function requireShape(
  path: string,
  map: ValueMap,
  photo: { readonly width: number; readonly height: number },
): void {
  if (!isShapedLike(map, photo))
    throw invalid(
      path,
      `it is ${map.width} x ${map.height}, which is not the shape of the photo, ${photo.width} x ${photo.height}`,
    );
}

/**
 * Reads a file that is to be the map of one photo.
 * @returns digest of its bytes, hexadecimal
 * @throws FoveaError as {@link loadMap}; `map-invalid` also for another shape, and where it is the same everywhere
 */
export async function checkMap(
  path: string,
  photo: { readonly width: number; readonly height: number },
): Promise<string> {
  const map = await loadMap(path);
  requireShape(path, map, photo);
  const [first] = map.values;
  if (map.values.every((value) => value === first))
    throw invalid(path, `it is ${first} everywhere, which makes no region more important than another`);
  return map.sha256;
}

/** @param reason what was expected, and found */
export function invalid(path: string, reason: string, cause?: unknown): FoveaError {
  return new FoveaError(
    'map-invalid',
    `${path}: the importance map cannot be used: ${reason}`,
    'Save it as a grey PNG, or as numbers from 0 to 1 in rows (CSV, or float32 of numpy), of the shape of the whole upright photo; any size will do.',
    cause === undefined ? {} : { cause },
  );
}

type Ending = (typeof MAP_EXTENSIONS)[number];

interface NumberMap extends ValueMap {
  readonly values: Float64Array;
}

const READERS: Readonly<Record<Ending, (bytes: Uint8Array) => NumberMap | Promise<NumberMap>>> = {
  '.png': parsePng,
  '.csv': parseCsvMap,
  '.npy': (bytes) => {
    const map = parseNpy(bytes, MAX_MAP_VALUES);
    return { ...map, values: Float64Array.from(map.values) };
  },
};

function endingOf(path: string): Ending {
  const own = extname(path).toLowerCase();
  const ending = MAP_EXTENSIONS.find((known) => known === own);
  if (ending === undefined) throw new Error(`its name ends with "${own}", expected ${MAP_EXTENSIONS.join(', ')}`);
  return ending;
}

async function readMapFile(path: string): Promise<Uint8Array> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) throw invalid(path, noFile(stats));
    if (stats.size === 0) throw invalid(path, 'the file is empty');
    if (stats.size > MAX_MAP_BYTES)
      throw invalid(path, `the file has ${stats.size} bytes, at most ${MAX_MAP_BYTES} are read`);
    return await readFile(path);
  } catch (error) {
    if (error instanceof FoveaError) throw error;
    const code = systemCode(error) ?? String(error);
    if (code === 'ENOENT' || code === 'ENOTDIR')
      throw new FoveaError('map-missing', `${path}: no such file`, 'Check the path of the importance map.', {
        cause: error,
      });
    throw invalid(path, `it cannot be read (${code})`, error);
  }
}

async function parsePng(bytes: Uint8Array): Promise<NumberMap> {
  if (imageFormat(bytes) !== 'PNG') throw new Error('it is no PNG');
  const sharp = await loadSharp();
  const { width, height, depth } = await sharp(bytes, { limitInputPixels: false }).metadata();
  if (width * height > MAX_MAP_VALUES)
    throw new Error(`it is ${width} x ${height} pixels, at most ${MAX_MAP_VALUES} are read`);
  const wide = depth === 'ushort';
  // A map's numbers are no colours: no profile, and no turning, is applied to them.
  const { data, info } = await sharp(bytes, { limitInputPixels: MAX_MAP_VALUES, failOn: 'error', ignoreIcc: true })
    .toColourspace(wide ? 'rgb16' : 'srgb')
    .raw({ depth: wide ? 'ushort' : 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const samples = wide ? new Uint16Array(data.buffer, data.byteOffset, data.length / 2) : data;
  const most = wide ? 65535 : 255;
  const { channels } = info;
  const values = new Float64Array(width * height);
  for (let at = 0, from = 0; at < values.length; at++, from += channels) {
    const grey = samples[from]!;
    if (channels >= 3 && (samples[from + 1] !== grey || samples[from + 2] !== grey))
      throw new Error('it is in colours, expected grey');
    if (channels % 2 === 0 && samples[from + channels - 1] !== most)
      throw new Error('it is transparent in places, expected an opaque picture');
    values[at] = grey / most;
  }
  return { width, height, values };
}

/** Numbers in lines, separated by commas, semicolons, tabs or spaces; empty lines and those that begin with # count for nothing. */
function parseCsvMap(bytes: Uint8Array): NumberMap {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  const lines = text.split(/\r\n|\n|\r/).flatMap((line, index) => {
    const own = line.trim();
    return own === '' || own.startsWith('#') ? [] : [{ own, number: index + 1 }];
  });
  const [first] = lines;
  if (!first) throw new Error('it has no numbers');
  const separator = separatorOf(first.own);
  const fieldsOf = (line: string) => line.split(separator === ' ' ? /\s+/ : separator);
  const width = fieldsOf(first.own).length;
  if (width * lines.length > MAX_MAP_VALUES)
    throw new Error(`it has ${width * lines.length} values, at most ${MAX_MAP_VALUES} are read`);
  const values = new Float64Array(width * lines.length);
  lines.forEach(({ own, number }, row) => {
    const fields = fieldsOf(own);
    if (fields.length !== width)
      throw new Error(`line ${number} has ${fields.length} numbers, the first line ${width}`);
    fields.forEach((field, column) => {
      const value = field.trim() === '' ? NaN : Number(field);
      if (!Number.isFinite(value))
        throw new Error(`line ${number}, column ${column + 1}: expected a number, found ${JSON.stringify(field)}`);
      values[row * width + column] = value;
    });
  });
  return { width, height: lines.length, values };
}
