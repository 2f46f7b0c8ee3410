import { basename, dirname, join, parse } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { parseJsonText } from '../files/json-text.ts';
import { readSmallFile } from '../files/small-file.ts';
import { systemCode } from '../files/system-error.ts';
import { writeWholeFile } from '../files/whole-file.ts';
import { type ModelCard, parseCard } from '../../src-shared/model-card.ts';

/** Cards hold the ranges of every layer, label files a line for each class. */
export const MAX_CARD_BYTES = 64 * 2 ** 20;

/** Where the card of a model file is looked for: `<model>.json` beside it. */
export function cardPath(modelPath: string): string {
  const { dir, name } = parse(modelPath);
  return join(dir, `${name}.json`);
}

/**
 * The card beside a model file, or null where there is none.
 * @throws FoveaError `card-invalid`
 */
export async function readCard(modelPath: string): Promise<ModelCard | null> {
  const path = cardPath(modelPath);
  let text: string;
  try {
    text = (await readSmallFile(path, MAX_CARD_BYTES)).toString();
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return null;
    throw new FoveaError('card-invalid', `${path}: cannot be read: ${reasonOf(error)}`, 'Check the file.', {
      cause: error,
    });
  }
  let value: unknown;
  try {
    value = parseJsonText(text);
  } catch (error) {
    throw new FoveaError(
      'card-invalid',
      `${path}: not JSON: ${reasonOf(error)}`,
      'Correct the file, or remove it to use a preset.',
      { cause: error },
    );
  }
  return parseCard(value, path);
}

/** Replaces the card beside a model file; a reader sees the old card or the new one, never half of one. */
export async function writeCard(modelPath: string, card: ModelCard): Promise<void> {
  await writeWholeFile(cardPath(modelPath), `${JSON.stringify(card, null, 2)}\n`);
}

/**
 * The class names a card gives; empty where it gives none. A WordNet id before the name (`n01440764 tench`) is left out.
 * @param classes number of classes of the model's output, or null where unknown
 * @throws FoveaError `labels-unreadable`, `labels-wrong-length`, `card-invalid` for a path that leaves the card's folder
 */
export async function readLabels(
  modelPath: string,
  card: ModelCard,
  classes: number | null,
): Promise<readonly string[]> {
  if (card.labels === undefined) return [];
  const inline = Array.isArray(card.labels);
  const path = cardPath(modelPath);
  const labels = (Array.isArray(card.labels) ? card.labels : await readLabelFile(path, card.labels)).map((label) =>
    label.replace(SYNSET, ''),
  );
  if (classes !== null && labels.length !== classes)
    throw new FoveaError(
      'labels-wrong-length',
      `${inline ? path : join(dirname(path), String(card.labels))}: ${labels.length} labels for a model of ${classes} classes`,
      'Give one label a class, in the order of the classes.',
    );
  return labels;
}

/** The WordNet ids before the names of a card's labels; empty unless every class has one. */
export async function readSynsets(modelPath: string, card: ModelCard): Promise<readonly string[]> {
  if (card.labels === undefined) return [];
  const labels = Array.isArray(card.labels) ? card.labels : await readLabelFile(cardPath(modelPath), card.labels);
  const synsets = labels.flatMap((label) => SYNSET.exec(label)?.[1] ?? []);
  return synsets.length === labels.length ? synsets : [];
}

/** A WordNet id and the space behind it. */
const SYNSET = /^(n\d{8})\s+/;

async function readLabelFile(path: string, name: string): Promise<string[]> {
  // A card is untrusted: a bare file name cannot leave its folder, on any system.
  if (basename(name) !== name || name.includes('\\') || name === '..' || name === '.')
    throw new FoveaError(
      'card-invalid',
      `${path}: field labels: expected the name of a file beside the card, found ${JSON.stringify(name)}`,
      'Put the labels beside the card.',
    );
  const labelsPath = join(dirname(path), name);
  try {
    const lines = (await readSmallFile(labelsPath, MAX_CARD_BYTES))
      .toString()
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
    while (lines.at(-1)?.trim() === '') lines.pop();
    return lines.map((line) => line.trim());
  } catch (error) {
    throw new FoveaError(
      'labels-unreadable',
      `${labelsPath}: cannot be read: ${reasonOf(error)}`,
      `The card ${path} names this file in its field labels.`,
      { cause: error },
    );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
