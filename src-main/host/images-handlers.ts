import type { IMAGES, OwnMap } from '../../src-shared/contract/images.ts';
import type { Work } from '../../src-shared/work.ts';
import { basename, join } from 'node:path';
import type { LabelSource } from '../../src-shared/runs/run-record.ts';
import { visibleRectangle } from '../../src-shared/preprocessing.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { mapPng } from '../images/painted-map.ts';
import { readDataset } from '../datasets/dataset.ts';
import { modelClasses } from '../models/model-classes.ts';
import { located } from './located.ts';
import { privately, renamed } from '../images/image-shelf.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';

export function imagesHandlers({ bench, shelf, images, maps, uploads }: HostParts): HandlersOf<typeof IMAGES> {
  const locate = located(uploads);
  const setMap = (imageId: string, map: OwnMap, { signal }: Work): OwnMap => {
    // The newer one, which this was given up for, stands.
    signal.throwIfAborted();
    shelf.setMap(imageId, map);
    return map;
  };
  return {
    'samples.list': () => shelf.samples(),
    'images.again': ({ images: wanted }) =>
      wanted.flatMap(({ id, name }) => {
        const image = shelf.known(id);
        return image?.entry.name === name ? [image.entry] : [];
      }),
    'images.labels': async ({ modelId, folder }, work) => {
      const opened = await bench.opened(bench.library.find(modelId), work);
      const options = { signal: work.signal };
      const dataset = await readDataset(locate(folder).path, await modelClasses(opened), options);
      const classes = dataset.images.flatMap(({ path, label }) => {
        const id = shelf.idOf(join(dataset.root, path));
        return id === undefined || label === null ? [] : [[id, label] as const];
      });
      const { labels, images: all, remarks } = dataset;
      return { source: sourceOf(labels), classes: Object.fromEntries(classes), images: all.length, remarks };
    },
    'images.paint': async ({ imageId, modelId, columns, values }, work) => {
      const { width, height } = shelf.find(imageId).entry;
      if (values.length % columns > 0)
        throw new FoveaError('bad-argument', `${values.length} values do not make rows of ${columns}`);
      const { preprocessing } = await bench.known(bench.library.find(modelId), work);
      const view = visibleRectangle(width, height, preprocessing);
      const grid = { rows: values.length / columns, columns };
      const map = { ...(await maps.keep(await mapPng(values, grid, { width, height }, view), '.png')), name: null };
      return setMap(imageId, map, work);
    },
    'images.map': async ({ imageId, file }, work) => {
      const { entry } = shelf.find(imageId);
      const { path, name, ownPlace } = locate(file);
      const sha256 = await images.map(path, entry).catch((error: unknown) => {
        throw ownPlace ? renamed(error, path, name) : error;
      });
      const map = { ...(ownPlace ? await maps.keepFile(path) : { path, sha256 }), name };
      return setMap(imageId, map, work);
    },
    'images.thumbnail': ({ imageId, maxSide }) => {
      const image = shelf.find(imageId);
      return privately(image, () => images.picture(image.path, maxSide, 'thumbnail'));
    },
    'images.preview': async ({ imageId, modelId, maxSide }, work) => {
      const image = shelf.find(imageId);
      const [{ preprocessing }, encoded] = await Promise.all([
        bench.opened(bench.library.find(modelId), work),
        privately(image, () => images.picture(image.path, maxSide, 'preview')),
      ]);
      return { ...encoded, crop: visibleRectangle(image.entry.width, image.entry.height, preprocessing) };
    },
  };
}

function sourceOf(labels: LabelSource): string | null {
  switch (labels.kind) {
    case 'csv':
      return basename(labels.file);
    case 'folders':
      return 'class folders';
    case 'file-names':
      return 'file names';
    case 'none':
      return null;
  }
}
