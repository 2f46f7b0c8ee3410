import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { classFinder, hasSynset, type ModelClasses } from '../../src-shared/runs/class-names.ts';
import { type CsvRow, parseCsv } from '../../src-shared/runs/csv.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import type { DatasetImage, LabelSource } from '../../src-shared/runs/run-record.ts';
import { byPathBytes, type WalkOptions, walkImages } from './image-walk.ts';
import { lastPart, NamedFiles, pathFrom } from './named-files.ts';

export interface Dataset {
  /** Absolute path of the folder; the paths of the images are relative to it. */
  readonly root: string;
  readonly labels: LabelSource;
  /** In the order of the bytes of their paths. Files a label file names are here even when they do not exist. */
  readonly images: readonly DatasetImage[];
  /** Images in the folder that the label file does not name, or that lie in no class folder where folders were asked for. */
  readonly unlabelledImages: number;
  /** Other files in the folder, beside the label file and those it names. */
  readonly skippedFiles: number;
  readonly undecodableNames: number;
  readonly repeatedLinks: number;
  readonly brokenLinks: number;
}

export interface DatasetOptions extends WalkOptions {
  /**
   * A CSV file; `none` for images without labels; `folders` for the images in class folders alone, leaving the others out.
   * Left out: `labels.csv` in the folder, else class folders, else WordNet ids at the beginning of all file names, else none.
   */
  readonly labels?: string | undefined;
}

const AUTOMATIC_LABELS = 'labels.csv';
const HEADER = /^(file|filename|file name|image|path)$/i;
const LABEL_HEADER = /^(label|class|synset|category)$/i;

/**
 * Finds the images of a folder and their classes.
 * @throws FoveaError `dataset-unreadable`, `dataset-empty`, `labels-unreadable` naming file and line, `cancelled`
 */
export async function readDataset(
  folder: string,
  classes: ModelClasses,
  options: DatasetOptions = {},
): Promise<Dataset> {
  const root = resolve(folder);
  const walk = await walkImages(root, options);
  const csv = await labelFile(root, options.labels);
  if (walk.files.length === 0 && csv === null)
    throw new FoveaError(
      'dataset-empty',
      `${root}: no image files (${walk.otherFiles.length} other files` +
        `${walk.undecodableNames > 0 ? `, ${walk.undecodableNames} whose names are not UTF-8` : ''})`,
      'Name a folder that holds JPEG, PNG, WebP, GIF, TIFF or AVIF files.',
    );
  const { labels, images } =
    csv !== null
      ? { labels: { kind: 'csv', file: csv.path } as const, images: labelledByFile(root, walk.files, csv, classes) }
      : labelledByName(root, walk.files, classes, options.labels);
  const used = new Set(images.map(({ path }) => path));
  if (csv !== null) used.add(pathFrom(root, csv.path));
  return {
    root,
    labels,
    images,
    unlabelledImages: unused(walk.files, used),
    skippedFiles: unused(walk.otherFiles, used),
    undecodableNames: walk.undecodableNames,
    repeatedLinks: walk.repeatedLinks,
    brokenLinks: walk.brokenLinks,
  };
}

interface LabelFile {
  readonly path: string;
  readonly rows: Iterable<CsvRow>;
}

async function labelFile(root: string, labels: string | undefined): Promise<LabelFile | null> {
  if (labels === 'none' || labels === 'folders') return null;
  const path = labels === undefined ? join(root, AUTOMATIC_LABELS) : resolve(labels);
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await readFile(path));
    return { path, rows: parseCsv(text, path) };
  } catch (error) {
    if (labels === undefined && error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    const reason = error instanceof TypeError ? 'its text is not UTF-8' : error instanceof Error ? error.message : '';
    throw new FoveaError('labels-unreadable', `${path}: the label file cannot be read: ${reason}`, 'Check the file.', {
      cause: error,
    });
  }
}

function labelledByFile(
  root: string,
  files: readonly string[],
  csv: LabelFile,
  classes: ModelClasses,
): readonly DatasetImage[] {
  const named = new NamedFiles(root, dirname(csv.path), files);
  const findClass = classFinder(classes, { indexes: true });
  const labels = new Map<string, { readonly label: number; readonly file: string; readonly line: number }>();
  let anyFound = false;
  let columns: readonly [file: number, label: number] | null = null;
  for (const { line, fields } of csv.rows) {
    const place = `${csv.path}, line ${line}`;
    if (columns === null) {
      const file = fields.findIndex((name) => HEADER.test(name.trim()));
      const label = fields.findIndex((name) => LABEL_HEADER.test(name.trim()));
      columns = file >= 0 && label >= 0 ? [file, label] : [0, 1];
      if (file >= 0 && label >= 0) continue;
    }
    const [file, label] = columns.map((column) => fields[column] ?? '') as [string, string];
    if (fields.length < 2 || file === '' || label.trim() === '')
      throw labelError(
        `${place}: expected a file and a label separated by a comma, found ${JSON.stringify(fields.join(','))}`,
      );
    const candidates = named.find(file);
    if (candidates.length > 1)
      throw labelError(
        `${place}: ${JSON.stringify(file)} may be ${list(candidates)}`,
        'Write the path from the folder.',
      );
    anyFound ||= candidates.length > 0;
    const path = candidates[0] ?? named.place(file);
    const index = oneClass(findClass(label), label, place, classes);
    const earlier = labels.get(path);
    if (earlier && earlier.label !== index)
      throw labelError(
        `${place}: ${JSON.stringify(file)} has another label on line ${earlier.line}`,
        'Remove one of the lines.',
      );
    labels.set(path, { label: index, file, line });
  }
  const [first] = labels.values();
  if (!first) throw labelError(`${csv.path}: no labels`, 'Write one line `file,label` an image.');
  if (!anyFound)
    throw labelError(
      `${csv.path}: none of the files it names is in ${root}, for example ${JSON.stringify(first.file)} on line ${first.line}`,
      'Write the paths from the folder of the label file.',
    );
  return byPathBytes([...labels.keys()]).map((path) => ({ path, label: labels.get(path)!.label }));
}

function labelledByName(
  root: string,
  files: readonly string[],
  classes: ModelClasses,
  wanted: string | undefined,
): { readonly labels: LabelSource; readonly images: readonly DatasetImage[] } {
  const none = { labels: { kind: 'none' }, images: files.map((path) => ({ path, label: null })) } as const;
  if (wanted === 'none') return none;
  // Folders named 01, 02, ... are as likely months as classes: numbers count only where class folders were asked for.
  const findClass = classFinder(classes, { indexes: wanted === 'folders' });
  const labelOf = folderLabels(root, classes, findClass);
  const images = files.map((path) => ({ path, label: labelOf(dirname(path)) }));
  const inClassFolders = images.filter(({ label }) => label !== null);
  if (inClassFolders.length > 0) {
    if (wanted === undefined && inClassFolders.length < images.length) {
      const stranger = dirname(images.find(({ label }) => label === null)!.path);
      throw labelError(
        `${root}: ${inClassFolders.length} of ${images.length} images lie in folders named after a class, ` +
          `but ${stranger === '.' ? 'others lie directly in it' : `the folder ${JSON.stringify(stranger)} is no class of the model`}`,
        'Leave the others out with --labels folders, give a label file, or go without labels with --labels none.',
      );
    }
    return { labels: { kind: 'folders' }, images: inClassFolders };
  }
  if (wanted === 'folders')
    throw labelError(
      `${root}: no folder is named after a class of the model`,
      'Name the folders as the classes, or give a label file.',
    );
  const byName = files.map((path) => ({ path, label: synsetClass(lastPart(path), findClass) }));
  return byName.every(({ label }) => label !== null) ? { labels: { kind: 'file-names' }, images: byName } : none;
}

/** The class of the nearest folder above an image that is named after one, or null. */
function folderLabels(
  root: string,
  classes: ModelClasses,
  findClass: (name: string) => readonly number[],
): (folder: string) => number | null {
  const known = new Map<string, number | null>([['.', null]]);
  const labelOf = (folder: string): number | null => {
    let label = known.get(folder);
    if (label === undefined) {
      const matches = findClass(lastPart(folder));
      label =
        matches.length === 0
          ? labelOf(dirname(folder))
          : oneClass(matches, lastPart(folder), `${root}: folder ${JSON.stringify(folder)}`, classes);
      known.set(folder, label);
    }
    return label;
  };
  return labelOf;
}

function synsetClass(name: string, findClass: (name: string) => readonly number[]): number | null {
  if (!hasSynset(name)) return null;
  const found = findClass(name.slice(0, 'n01440764'.length));
  return found.length === 1 ? found[0]! : null;
}

function oneClass(found: readonly number[], label: string, place: string, classes: ModelClasses): number {
  if (found.length === 1) return found[0]!;
  const name = JSON.stringify(label);
  if (found.length > 1)
    throw labelError(
      `${place}: ${name} may be ${list(found.map((index) => `class ${index} (${classes.labels[index] ?? 'no name'})`))}`,
      'Write the class index or the full name.',
    );
  throw labelError(
    `${place}: ${name} is no class of the model; expected an index from 0 to ${classes.count - 1}` +
      (classes.labels.length > 0 ? `, a name such as ${JSON.stringify(classes.labels[0])}` : '') +
      (classes.synsets || classes.labels.some(hasSynset) ? ', or a WordNet id such as n01440764' : ''),
    'Correct the label, or choose the model the labels belong to.',
  );
}

function labelError(message: string, next = 'Correct the line.'): FoveaError {
  return new FoveaError('labels-unreadable', message, next);
}

function list(items: readonly string[]): string {
  return items.length > 3 ? `${items.slice(0, 3).join(', ')} or ${items.length - 3} others` : items.join(' or ');
}

function unused(paths: readonly string[], used: ReadonlySet<string>): number {
  return paths.reduce((count, path) => count + (used.has(path) ? 0 : 1), 0);
}
