import type { Attachment } from 'svelte/attachments';
import type { EncodedImage } from '../../src-shared/contract/images.ts';

export function blobOf({ bytes, mime }: Pick<EncodedImage, 'bytes' | 'mime'>): Blob {
  return new Blob([new Uint8Array(bytes)], { type: mime });
}

/** Shows a picture in an element, for as long as both are there. */
export function shows(picture: EncodedImage): Attachment<HTMLImageElement> {
  return (image) => {
    image.src = URL.createObjectURL(blobOf(picture));
    return () => URL.revokeObjectURL(image.src);
  };
}
