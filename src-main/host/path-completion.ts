import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve, sep } from 'node:path';
import type { PathEntry } from '../../src-shared/contract/files.ts';
import { isImageName } from '../images/image-names.ts';

const MAX_ENTRIES = 200;

/** An absolute path from what a user typed: `~` is the home folder, and what is relative starts there. */
export function typedPath(text: string): string {
  const path = text.replace(/^~(?=$|[/\\])/, homedir());
  return isAbsolute(path) ? path : resolve(homedir(), path);
}

/**
 * The folders, images and models whose paths begin with what was typed: folders first, then by name. A hidden one is named only
 * when its dot was typed. Nothing for a folder that does not exist or may not be read.
 */
export async function completePath(prefix: string): Promise<{ entries: readonly PathEntry[]; more: boolean }> {
  const endsInFolder = prefix === '' || /[/\\]$/.test(prefix);
  const typed = typedPath(prefix);
  const folder = endsInFolder ? typed : resolve(typed, '..');
  const start = endsInFolder
    ? ''
    : typed
        .slice(folder.length)
        .replace(/^[/\\]/, '')
        .toLowerCase();
  const found: PathEntry[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    if (!entry.name.toLowerCase().startsWith(start)) continue;
    if (entry.name.startsWith('.') && !start.startsWith('.')) continue;
    const path = join(folder, entry.name);
    const isFolder = entry.isSymbolicLink() ? await leadsToFolder(path) : entry.isDirectory();
    if (isFolder) found.push({ path: path + sep, name: entry.name, kind: 'folder' });
    else if (isImageName(entry.name) || entry.name.toLowerCase().endsWith('.onnx'))
      found.push({ path, name: entry.name, kind: 'file' });
  }
  found.sort((a, b) => Number(a.kind === 'file') - Number(b.kind === 'file') || (a.name < b.name ? -1 : 1));
  return { entries: found.slice(0, MAX_ENTRIES), more: found.length > MAX_ENTRIES };
}

async function leadsToFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (target) => target.isDirectory(),
    () => false,
  );
}
