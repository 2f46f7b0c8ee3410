import { readdirSync } from 'node:fs';
import { join, parse, resolve } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { SAMPLE_PREFIX } from '../../src-shared/sample-name.ts';
import { IMAGE_EXTENSIONS } from '../../src-shared/contract/files.ts';
import { projectFolder, unpacked } from '../files/project-folder.ts';

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

/** The pictures that come with Fovea. */
export function samples(): string[] {
  const folder = unpacked(join(projectFolder(), 'resources', 'samples'));
  return readdirSync(folder)
    .filter((name) => IMAGE_EXTENSIONS.some((extension) => name.endsWith(extension)))
    .sort()
    .map((name) => join(folder, name));
}
