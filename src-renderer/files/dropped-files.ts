import { IMAGE_EXTENSIONS, MAP_EXTENSIONS } from '../../src-shared/contract/files.ts';

/** A file of the user, with its path below the folder that was dropped. */
export interface NamedFile {
  readonly path: string;
  open(): Promise<Blob>;
}

export function isModel(path: string): boolean {
  return /\.onnx$/i.test(path);
}

/** A model's card, class names or external data: beside a model it is not opened by itself. */
export function isCompanion(path: string): boolean {
  return /\.(json|txt|onnx[._-]data|data|bin|weights)$/i.test(path);
}

/** A table that may label the images of its folder: it goes along with them, and is not opened by itself. */
export function isLabelFile(path: string): boolean {
  return path.includes('/') && /\.(csv|tsv)$/i.test(path);
}

/** A map of a photo of its folder, in a form that is no image: it goes along with it. */
export function isMapBeside(path: string): boolean {
  return path.includes('/') && /\.map\.npy$/i.test(path);
}

/** A file that is an importance map and can be nothing else that is opened. */
export function isMapAlone(path: string): boolean {
  return /\.(csv|npy)$/i.test(path);
}

/** A file that a file input gave, under the name of the folder that was chosen. */
export function chosenFile(file: File): NamedFile {
  return { path: file.webkitRelativePath || file.name, open: async () => file };
}

/** Of files of whole folders those that are taken; loose ones all, for their errors to be told. */
export function takenFiles(files: readonly NamedFile[]): NamedFile[] {
  const withModel = files.some(({ path }) => isModel(path));
  return files.filter(
    ({ path }) =>
      !path.includes('/') ||
      (!/(^|\/)\./.test(path) &&
        (isImage(path) || isModel(path) || isLabelFile(path) || isMapBeside(path) || (withModel && isCompanion(path)))),
  );
}

/** Of files of whole folders the importance maps; loose ones all, for their errors to be told. */
export function takenMaps(files: readonly NamedFile[]): NamedFile[] {
  return files.filter(
    ({ path }) =>
      !path.includes('/') ||
      (!/(^|\/)\./.test(path) && MAP_EXTENSIONS.some((extension) => path.toLowerCase().endsWith(extension))),
  );
}

/**
 * Every file of a drop, nothing hidden. Reads the transfer at once, since the browser empties it after the event; the files are opened later.
 * @param taken which of the files are
 */
export async function filesOfTransfer(
  transfer: DataTransfer,
  taken: typeof takenFiles = takenFiles,
): Promise<NamedFile[]> {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const loose = entries.filter(isFile).map(named);
  const folders = await Promise.all(entries.filter(isFolder).map(filesBelow));
  return taken([...loose, ...folders.flat()]);
}

async function filesBelow(folder: FileSystemDirectoryEntry): Promise<NamedFile[]> {
  const found = [];
  for (const child of await childrenOf(folder)) {
    if (child.name.startsWith('.')) continue;
    if (isFile(child)) found.push(named(child));
    else if (isFolder(child)) found.push(...(await filesBelow(child)));
  }
  return found;
}

function named(entry: FileSystemFileEntry): NamedFile {
  return {
    path: entry.fullPath.replace(/^\//, ''),
    open: () => new Promise((resolve, reject) => entry.file(resolve, reject)),
  };
}

function isImage(path: string): boolean {
  const lower = path.toLowerCase();
  return IMAGE_EXTENSIONS.some((extension) => lower.endsWith(extension));
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
