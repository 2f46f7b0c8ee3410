import { join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { ModelSettings } from '../../src-shared/runs/run-record.ts';
import type { Work } from '../../src-shared/work.ts';
import type { ImageMaps } from '../datasets/map-files.ts';

/**
 * The maps of a run's images as far as they are those that it began with; an image that had none then has none now: what a run tells is
 * of the same maps from its beginning to its end.
 * @param maps as they are now
 * @param began their digests then
 * @throws FoveaError `map-…` where not one map is as it was: there is nothing to go on with
 */
export function mapsAsBegun(
  runId: string,
  root: string,
  maps: ImageMaps,
  began: NonNullable<ModelSettings['maps']>,
  note: Work['note'],
): ImageMaps {
  const asBegun = new Map(maps);
  const changes = { edited: [] as string[], gone: [] as string[] };
  for (const [image, map] of maps) {
    const digest = began[image] ?? null;
    if ('sha256' in map ? map.sha256 === digest : digest === null) continue;
    if (!('sha256' in map)) changes.gone.push(image);
    else if (digest === null)
      asBegun.set(image, {
        code: 'map-missing',
        message: `${join(root, image)}: had no importance map when run ${runId} began`,
        next: 'Begin a new run.',
      });
    else {
      changes.edited.push(image);
      asBegun.set(image, {
        code: 'map-invalid',
        message: `${map.path}: is not the map that run ${runId} began with`,
        next: 'Bring that one back, or begin a new run.',
      });
    }
  }
  const changed = [...changes.edited, ...changes.gone];
  if (changed.length === 0) return asBegun;
  const first = asBegun.get(changed[0]!);
  const before = Object.values(began).filter((digest) => digest !== null).length;
  if (changed.length === before && first && 'code' in first)
    throw new FoveaError(
      first.code,
      `none of the importance maps of run ${runId} is what it was: ${first.message}`,
      'Name the folder of its maps with --maps, or begin a new run.',
    );
  note({ note: 'maps-changed', ...changes });
  return asBegun;
}
