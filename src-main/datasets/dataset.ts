import { dirname, join, resolve } from 'node:path';
import { classFinder, hasSynset, synsetIn, type ModelClasses } from '../../src-shared/runs/class-names.ts';
import {
  type CsvRow,
  parseCsv,
  parseWords,
  SEPARATOR_NAMES,
  type Separator,
  separatorOf,
} from '../../src-shared/runs/csv.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { readSmallFile } from '../files/small-file.ts';
import { systemCode } from '../files/system-error.ts';
import type { DatasetImage, LabelSource } from '../../src-shared/runs/run-record.ts';
import { checkPresence } from './dataset-presence.ts';
import { type ImageWalk, type WalkOptions, walkImages } from './image-walk.ts';
import { byPathBytes } from '../images/image-names.ts';
import { isInFolder, lastPart, NamedFiles, pathFrom } from './named-files.ts';

export interface Dataset {
  /** Absolute path of the folder; the paths of the images are relative to it. */
  readonly root: string;
  readonly labels: LabelSource;
  /** In the order of the bytes of their paths. Files a label file names are here even when they do not exist. */
  readonly images: readonly DatasetImage[];
  /** Whether only images are here that were named one by one. */
  readonly chosen?: boolean;
  /** Images in the folder that the label file does not name, or that lie in no class folder where folders were asked for. */
  readonly unlabelledImages: number;
  /** Other files in the folder, beside the label file and those it names. */
  readonly skippedFiles: number;
  readonly undecodableNames: number;
  readonly repeatedLinks: number;
  readonly brokenLinks: number;
  /** How the labels were read where that is not plain; sentences. */
  readonly remarks: readonly string[];
}

export interface DatasetOptions extends WalkOptions {
  /** A text file that names the images to take, one path a line, from the folder. Left out: all that the folder holds. */
  readonly list?: string | undefined;
  /**
   * A CSV file, or one with tabs, semicolons or spaces between its columns; `none` for images without labels; `folders` for the images in class folders alone, leaving the others out.
   * Left out: `labels.csv` in the folder, else class folders, else WordNet ids in all file names, else none.
   */
  readonly labels?: string | undefined;
}

const AUTOMATIC_LABELS = 'labels.csv';
/** A line for each of ImageNet's 14 million files takes less. */
const MAX_LABEL_BYTES = 2 ** 30;
/**
 * Names of columns in the label files of ImageNet, Kaggle, timm, fastai and COCO, without case, spaces and underscores. Where several are
 * there, the first of these is the file: an id beside it is a number of the table's own.
 */
const FILE_COLUMNS = [
  ...['file', 'files', 'filename', 'filenames', 'filepath', 'filepaths', 'path', 'paths', 'fname'],
  ...['image', 'images', 'imagename', 'imagefile', 'imagepath', 'img', 'imgname', 'imgpath'],
  ...['imageid', 'imgid', 'name', 'id'],
];
const LABEL_COLUMNS = [
  ...['label', 'labels', 'labelid', 'labelname', 'class', 'classes', 'classid', 'classname', 'classindex'],
  ...['synset', 'wnid', 'category', 'categories', 'categoryid', 'target', 'targets', 'groundtruth', 'breed'],
  ...['predictionstring'],
];
const columnName = (text: string) =>
  text
    .trim()
    .toLowerCase()
    .replace(/[\s_-]+/g, '');

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
  const walk = options.list === undefined ? await walkImages(root, options) : await listedImages(root, options.list);
  const csv = await labelFile(root, options.labels);
  if (walk.files.length === 0 && csv === null)
    throw new FoveaError(
      'dataset-empty',
      `${root}: no image files (${walk.otherFiles.length} other files` +
        `${walk.undecodableNames > 0 ? `, ${walk.undecodableNames} whose names are not UTF-8` : ''})`,
      'Name a folder that holds JPEG, PNG, WebP, GIF, TIFF or AVIF files.',
    );
  const {
    labels,
    images: all,
    remarks,
  } = csv !== null
    ? { labels: { kind: 'csv', file: csv.path } as const, ...labelledByFile(root, walk.files, csv, classes) }
    : { ...labelledByName(root, walk.files, classes, options.labels), remarks: [] };
  // A label file may name more than the list does.
  const walked = new Set(walk.files);
  const images = options.list === undefined ? all : all.filter(({ path }) => walked.has(path));
  const used = new Set(images.map(({ path }) => path));
  if (csv !== null) used.add(pathFrom(root, csv.path));
  return {
    root,
    labels,
    images,
    chosen: options.list !== undefined,
    unlabelledImages: unused(walk.files, used),
    skippedFiles: unused(walk.otherFiles, used),
    undecodableNames: walk.undecodableNames,
    repeatedLinks: walk.repeatedLinks,
    brokenLinks: walk.brokenLinks,
    remarks,
  };
}

/**
 * What a list names, in place of what a walk finds. Files that do not exist are here as well: they fail, as those of a label file do.
 */
async function listedImages(root: string, list: string): Promise<ImageWalk> {
  const path = resolve(list);
  const wrong = (reason: string, next: string, cause?: unknown) =>
    new FoveaError('dataset-unreadable', `${path}: ${reason}`, next, { cause });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(await readSmallFile(path, MAX_LABEL_BYTES));
  } catch (error) {
    const reason = error instanceof TypeError ? 'its text is not UTF-8' : error instanceof Error ? error.message : '';
    throw wrong(`the list of images cannot be read: ${reason}`, 'Check the file.', error);
  }
  const lines = text.split(/\r?\n/).map((line, index) => ({ line, number: index + 1 }));
  const files = lines.flatMap(({ line, number }) => {
    if (line.trim() === '') return [];
    const file = pathFrom(root, resolve(root, line));
    if (isInFolder(file)) return [file];
    throw wrong(`line ${number}: ${JSON.stringify(line)} is not in ${root}`, 'Write the paths from the folder.');
  });
  if (files.length === 0) throw wrong('names no image', 'Write one path a line.');
  await checkPresence(root, files, 'Name the folder that they are in.');
  const nothingElse = { otherFiles: [], undecodableNames: 0, repeatedLinks: 0, brokenLinks: 0 };
  return { files: byPathBytes([...new Set(files)]), ...nothingElse };
}

interface LabelFile {
  readonly path: string;
  readonly rows: Iterable<CsvRow>;
  readonly separator: Separator;
}

async function labelFile(root: string, labels: string | undefined): Promise<LabelFile | null> {
  if (labels === 'none' || labels === 'folders') return null;
  const path = labels === undefined ? join(root, AUTOMATIC_LABELS) : resolve(labels);
  try {
    const bytes = await readSmallFile(path, MAX_LABEL_BYTES);
    const text = withoutHeading(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const separator = separatorOf(text);
    return { path, separator, rows: separator === ' ' ? parseWords(text) : parseCsv(text, path, separator) };
  } catch (error) {
    if (labels === undefined && systemCode(error) === 'ENOENT') return null;
    const isOtherText = error instanceof TypeError;
    const reason = isOtherText ? 'its text is not UTF-8' : error instanceof Error ? error.message : '';
    throw new FoveaError(
      'labels-unreadable',
      `${path}: the label file cannot be read: ${reason}`,
      isOtherText ? 'Save it as UTF-8.' : 'Check the file.',
      { cause: error },
    );
  }
}

/** Comments before the first line count as empty lines. */
function withoutHeading(text: string): string {
  return text.replace(/^\uFEFF?(?:#(?:[ \t].*)?(?:\r\n|\n|\r)|[\r\n])+/, (heading) => heading.replace(/[^\r\n]/g, ''));
}

interface Labelled {
  readonly images: readonly DatasetImage[];
  readonly remarks: readonly string[];
}

/** What one line of a label file says. */
interface LabelLine {
  readonly file: string;
  readonly label: string;
  readonly line: number;
}

function labelledByFile(root: string, files: readonly string[], csv: LabelFile, classes: ModelClasses): Labelled {
  const named = new NamedFiles(root, dirname(csv.path), files);
  const lines = labelLines(csv);
  const fromOne = countsFromOne(lines, classes);
  const findClass = classFinder(classes, { indexes: !fromOne });
  const labels = new Map<string, LabelLine & { readonly index: number }>();
  let anyFound = false;
  for (const [at, { file, label, line }] of lines.entries()) {
    const place = `${csv.path}, line ${line}`;
    const candidates = named.find(file);
    if (candidates.length > 1)
      throw labelError(
        `${place}: ${JSON.stringify(file)} may be ${list(candidates)}`,
        'Write the path from the folder.',
      );
    anyFound ||= candidates.length > 0;
    const path = candidates[0] ?? named.place(file);
    const found = fromOne ? [Number(label) - 1] : findClass(label);
    if (at === 0 && found.length === 0 && candidates.length === 0) throw unknownColumns(file, label, place);
    const index = oneClass(found, label, place, classes);
    const earlier = labels.get(path);
    if (earlier && earlier.index !== index)
      throw labelError(
        `${place}: ${JSON.stringify(file)} has another label on line ${earlier.line}`,
        'Remove one of the lines.',
      );
    labels.set(path, { index, file, label, line });
  }
  const [first] = labels.values();
  if (!first) throw labelError(`${csv.path}: no labels`, 'Write one line `file,label` an image.');
  if (!anyFound)
    throw labelError(
      `${csv.path}: none of the files it names is in ${root}, for example ${JSON.stringify(first.file)} on line ${first.line}`,
      'Write the paths from the folder of the label file.',
    );
  refuseContradictions(csv, labels, classes);
  return {
    images: byPathBytes([...labels.keys()]).map((path) => ({ path, label: labels.get(path)!.index })),
    remarks: fromOne
      ? [`The class numbers in ${csv.path} go from 1 to ${classes.count}: they are taken to count from 1.`]
      : [],
  };
}

/** The lines under the header, or all where there is none. */
function labelLines(csv: LabelFile): readonly LabelLine[] {
  const lines: LabelLine[] = [];
  let columns: readonly [file: number, label: number] | null = null;
  let predictions = false;
  for (const { line, fields } of csv.rows) {
    if (columns === null) {
      const names = fields.map(columnName);
      const file = names.indexOf(FILE_COLUMNS.find((name) => names.includes(name)) ?? '');
      const label = names.findIndex((name, index) => index !== file && LABEL_COLUMNS.includes(name));
      columns = file >= 0 && label >= 0 ? [file, label] : [0, 1];
      predictions = names[label] === 'predictionstring';
      if (file >= 0 && label >= 0) continue;
    }
    const [file, label] = columns.map((column) => (fields[column] ?? '').trim()) as [string, string];
    if (fields.length < 2 || file === '' || label === '') throw incomplete(csv, line, fields);
    const own = predictions ? onlyPrediction(label, csv, line) : label;
    // Data frames with a gap hold their whole numbers as fractions.
    lines.push({ file: fields[columns[0]]!, label: own.replace(/^(\d+)\.0+$/, '$1'), line });
  }
  return lines;
}

function incomplete(csv: LabelFile, line: number, fields: readonly string[]): FoveaError {
  const shown = JSON.stringify(fields.join(csv.separator));
  return labelError(
    `${csv.path}, line ${line}: expected a file and a label separated by ${SEPARATOR_NAMES[csv.separator]}, found ${shown}`,
    fields.length === 1 && /^\s*\d+\s*$/.test(fields[0]!)
      ? "A list of numbers alone, as ImageNet's development kit has it, does not say which file each belongs to, and its numbers are not the usual class indexes: write one line `file,label` an image."
      : 'Correct the line.',
  );
}

/** `n01440764 10 20 300 200 …`: a class and its box, for each object of the image (ImageNet's localisation task on Kaggle). */
function onlyPrediction(text: string, csv: LabelFile, line: number): string {
  const named = new Set(text.split(/\s+/).filter((_, at) => at % 5 === 0));
  const [first = ''] = named;
  if (named.size > 1)
    throw labelError(
      `${csv.path}, line ${line}: objects of several classes (${list([...named])}), expected one`,
      'Fovea takes one class an image: keep one of them.',
    );
  return first;
}

function unknownColumns(file: string, label: string, place: string): FoveaError {
  return labelError(
    `${place}: ${JSON.stringify(label)} is no class of the model and ${JSON.stringify(file)} no file; if this line is a header, its columns are not known`,
    `Columns of files may be called ${FILE_COLUMNS.slice(0, 8).join(', ')} or ImageId, columns of classes ${LABEL_COLUMNS.slice(0, 6).join(', ')}, synset, target or PredictionString; without a header, the first column is the file and the second the class.`,
  );
}

/** Only numbers, none of them 0, and one that is one too many: no class is numbered so that counts from 0. */
function countsFromOne(lines: readonly LabelLine[], { count }: ModelClasses): boolean {
  const numbers = lines.map(({ label }) => (/^\d+$/.test(label) ? Number(label) : NaN));
  // A few lines with such a number are as likely a slip.
  return (
    numbers.length >= Math.max(2, count / 4) &&
    numbers.every((number) => number >= 1 && number <= count) &&
    numbers.includes(count)
  );
}

/** A WordNet id in a file's name is a label, too. */
function refuseContradictions(
  csv: LabelFile,
  labels: ReadonlyMap<string, LabelLine & { readonly index: number }>,
  classes: ModelClasses,
): void {
  const findClass = classFinder(classes, { indexes: false });
  const offsets = new Set<number>();
  let first: string | null = null;
  let compared = 0;
  for (const [path, { index, label, line, file }] of labels) {
    const named = synsetClass(lastPart(path), findClass);
    if (named === null) continue;
    compared++;
    offsets.add(index - named);
    if (named !== index)
      first ??= `${csv.path}, line ${line}: ${JSON.stringify(file)} is labelled ${JSON.stringify(label)}, class ${index}, but its name says class ${named} (${classes.labels[named] ?? 'no name'})`;
  }
  if (first === null) return;
  const shifted = offsets.size === 1 && offsets.has(1) && compared > 1;
  throw labelError(
    first,
    shifted
      ? 'All labels are one too high: they seem to count from 1, while class indexes count from 0.'
      : 'Correct the label or the name, or go without the label file.',
  );
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
  const synset = hasSynset(name) ? name.slice(0, 'n01440764'.length) : synsetIn(name);
  if (synset === null) return null;
  const found = findClass(synset);
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
