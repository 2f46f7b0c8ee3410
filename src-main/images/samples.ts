import { readdirSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { SAMPLE_PREFIX } from '../../src-shared/sample-name.ts';
import { projectFolder, unpacked } from '../files/project-folder.ts';
import { byPathBytes, isImageName } from './image-names.ts';

/**
 * The file that somebody means by a path, or by the name of a sample.
 * @throws FoveaError `image-missing` naming the samples there are
 */
export function located(image: string): string {
  if (!image.startsWith(SAMPLE_PREFIX)) return resolve(image);
  const name = image.slice(SAMPLE_PREFIX.length);
  const found = samples().find((path) => parse(path).name === name);
  if (found !== undefined) return found;
  throw new FoveaError(
    'image-missing',
    `no sample is called ${JSON.stringify(name)}`,
    `Name one of ${samples()
      .map((path) => parse(path).name)
      .join(', ')}.`,
  );
}

/** Where the pictures that come with Fovea lie. */
export const samplesFolder = () => unpacked(join(projectFolder(), 'resources', 'samples'));

/** Their paths, by name. */
export function samples(folder = samplesFolder()): string[] {
  return byPathBytes(readdirSync(folder).filter(isImageName)).map((name) => join(folder, name));
}
