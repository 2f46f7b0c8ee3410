import type { IMAGES } from '../../src-shared/contract/images.ts';
import { visibleRectangle } from '../../src-shared/preprocessing.ts';
import { privately } from '../images/image-shelf.ts';
import type { HandlersOf } from './conversation.ts';
import type { HostParts } from './host-parts.ts';

export function imagesHandlers({ bench, shelf, images }: HostParts): HandlersOf<typeof IMAGES> {
  return {
    'samples.list': () => shelf.samples(),
    'images.again': ({ images: wanted }) =>
      wanted.flatMap(({ id, name }) => {
        const image = shelf.known(id);
        return image?.entry.name === name ? [image.entry] : [];
      }),
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
