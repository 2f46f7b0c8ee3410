import type { ImageEntry } from '../../src-shared/contract/images.ts';

/** The name of the file alone. */
export function baseName({ name }: Pick<ImageEntry, 'name'>): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Where a file lies: its folder on the host, or below the folder that was dropped; empty for a file that was sent alone. */
export function folderName({ name, path }: Pick<ImageEntry, 'name' | 'path'>): string {
  const whole = path ?? name;
  const end = Math.max(whole.lastIndexOf('/'), whole.lastIndexOf('\\'));
  return end < 0 ? '' : whole.slice(0, end);
}
