import type { ImageEntry } from '../../src-shared/contract/images.ts';

/** The list of images over a reload of the page: the host still knows them, by their ids. */
export interface KeptList {
  readonly images: readonly Pick<ImageEntry, 'id' | 'name'>[];
  readonly selected: string | null;
}

const LIST = 'fovea-images';
const SELECTED = 'fovea-image';

export function keepList(storage: Storage, images: readonly ImageEntry[]): void {
  try {
    storage.setItem(LIST, JSON.stringify(images.map(({ id, name }) => ({ id, name }))));
  } catch {
    // A list that is too long for the browser is not kept.
    storage.removeItem(LIST);
  }
}

export function keepSelected(storage: Storage, selected: string | null): void {
  if (selected === null) storage.removeItem(SELECTED);
  else storage.setItem(SELECTED, selected);
}

/** Null where no list was kept. */
export function keptList(storage: Storage): KeptList | null {
  try {
    const images: unknown = JSON.parse(storage.getItem(LIST) ?? 'null');
    return Array.isArray(images) && images.length > 0 && images.every(isNamed)
      ? { images, selected: storage.getItem(SELECTED) }
      : null;
  } catch {
    return null;
  }
}

function isNamed(value: unknown): value is Pick<ImageEntry, 'id' | 'name'> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'id' in value &&
    typeof value.id === 'string' &&
    'name' in value &&
    typeof value.name === 'string'
  );
}
