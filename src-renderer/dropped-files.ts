import { IMAGE_EXTENSIONS } from '../src-shared/contract.ts';

/** A file of the user, with its path below the folder that was dropped. */
export interface NamedFile {
  readonly path: string;
  readonly blob: Blob;
}

export function isModel(path: string): boolean {
  return /\.onnx$/i.test(path);
}

/** A model's card or external data: beside a model it is not opened by itself. */
export function isCompanion(path: string): boolean {
  return /\.(json|onnx[._-]data|data|bin|weights)$/i.test(path);
}

/**
 * Every file of a drop; of folders, the images and models with their companions. Reads the transfer at once, since the
 * browser empties it after the event.
 */
export async function filesOfTransfer(transfer: DataTransfer): Promise<NamedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const found = await Promise.all(entries.map((entry) => filesBelow(entry, entry.isDirectory)));
  return found.flat();
}

async function filesBelow(entry: FileSystemEntry, fromFolder: boolean): Promise<NamedFile[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (isFile(entry)) {
    if (fromFolder && !isWanted(path)) return [];
    const blob = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
    return [{ path, blob }];
  }
  if (!isFolder(entry)) return [];
  const found = [];
  for (const child of await childrenOf(entry)) found.push(...(await filesBelow(child, true)));
  return found;
}

function isWanted(path: string): boolean {
  const lower = path.toLowerCase();
  return IMAGE_EXTENSIONS.some((extension) => lower.endsWith(extension)) || isModel(path) || isCompanion(path);
}

/** The browser gives at most a hundred entries at a time. */
async function childrenOf(folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> {
  const reader = folder.createReader();
  const children: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return children.sort((a, b) => (a.name < b.name ? -1 : 1));
    children.push(...some);
  }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
