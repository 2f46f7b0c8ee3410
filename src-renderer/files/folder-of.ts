import type { FileReference } from '../../src-shared/contract/files.ts';

/** The one folder that was dropped or chosen: a path as it is, or the folder that all sent files lie in. */
export function folderOf(files: readonly FileReference[]): FileReference | null {
  const [first] = files;
  if (!first) return null;
  if ('path' in first) return files.length === 1 ? first : null;
  const folder = first.upload.split('/').slice(0, 2).join('/');
  return files.every((file) => 'upload' in file && file.upload.startsWith(`${folder}/`)) ? { upload: folder } : null;
}
