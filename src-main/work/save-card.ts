import { copyFile, rm } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { checkCard, type ModelCard, type OutputKind } from '../../src-shared/model-card.ts';
import { canonicalJson } from '../../src-shared/runs/run-record.ts';
import type { Preprocessing } from '../../src-shared/preprocessing.ts';
import type { OpenedModel } from '../engine/inside/opened-model.ts';
import { readSmallFile } from '../files/small-file.ts';
import { forgetAllOfCalibration } from '../models/calibration.ts';
import { cardInput } from '../models/card-input.ts';
import { cardPath, MAX_CARD_BYTES, readLabels, writeCard } from '../models/model-card-file.ts';
import type { InstalledModel } from '../models/model-library.ts';
import type { Bench } from './bench.ts';

/** What of a card is stated anew. */
export interface CardChange {
  /** With the name of the input. */
  readonly input: Preprocessing & { readonly name: string };
  readonly outputKind: OutputKind;
  /** Left out: as it is; null: not stated. */
  readonly licence?: string | null;
  /** With this preprocessing; null: not measured. Left out: as it is, unless images are prepared otherwise now. */
  readonly accuracy?: ModelCard['accuracy'] | null;
}

/**
 * Writes a model's card: all else that is in it stays. Ranges and accuracy that were found with another preprocessing are given up.
 * @throws FoveaError `not-allowed` for a model that comes with Fovea, `card-contradicts-model`, `output-unwritable`; then nothing has changed
 */
export async function saveCard(
  bench: Bench,
  model: InstalledModel,
  opened: OpenedModel,
  { input, outputKind, licence, accuracy }: CardChange,
): Promise<void> {
  refuseEmbedded(model);
  const before = cardOf(model, opened);
  const written: ModelCard = {
    ...before,
    input: { ...before.input, ...input, range: [...input.range], mean: [...input.mean], std: [...input.std] },
    output: { ...before.output, kind: outputKind },
  };
  const sameImages = canonicalJson(written.input) === canonicalJson(before.input);
  if (licence === null) delete written.licence;
  else if (licence !== undefined) written.licence = licence;
  if (accuracy) written.accuracy = accuracy;
  else if (accuracy === null || !sameImages) delete written.accuracy;
  if (!sameImages) delete written.calibration;
  checkCard(written, opened.signature, cardPath(opened.path));
  await writeCard(opened.path, written);
  if (!sameImages) await forgetAllOfCalibration(bench.dataFolder, opened);
  bench.forget(model);
}

/**
 * Copies a list of class names beside the model, and names it in its card.
 * @param file of one name a line
 * @throws FoveaError `not-allowed` for a model that comes with Fovea, `labels-unreadable`, `labels-wrong-length`, `output-unwritable`;
 * then nothing has changed
 */
export async function saveLabels(
  bench: Bench,
  model: InstalledModel,
  opened: OpenedModel,
  file: string,
): Promise<void> {
  refuseEmbedded(model);
  let names: string[];
  try {
    names = (await readSmallFile(file, MAX_CARD_BYTES))
      .toString()
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new FoveaError(
      'labels-unreadable',
      `${file}: cannot be read: ${reason}`,
      'Choose a text file of one name a line.',
      {
        cause: error,
      },
    );
  }
  while (names.at(-1)?.trim() === '') names.pop();
  const labels = names.map((name) => name.trim());
  // The list stands in the card until it is known to fit: nothing is written before.
  await readLabels(opened.path, { ...cardOf(model, opened), labels }, opened.classes);
  const name = `${basename(opened.path, extname(opened.path))}-classes.txt`;
  const target = join(dirname(opened.path), name);
  try {
    await copyFile(file, target);
    await writeCard(opened.path, { ...cardOf(model, opened), labels: name });
  } catch (error) {
    if (opened.card?.labels !== name) await rm(target, { force: true });
    if (error instanceof FoveaError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new FoveaError('output-unwritable', `${target}: cannot be written: ${reason}`, 'Check folder and disk.', {
      cause: error,
    });
  }
  bench.forget(model);
}

/** The card as it is, or what stands in for one. */
function cardOf(model: InstalledModel, opened: OpenedModel): ModelCard {
  const { card, signature, outputKind, path } = opened;
  return (
    card ?? {
      name: model.id,
      file: basename(path),
      input: cardInput(opened),
      output: { name: signature.outputName, kind: outputKind },
    }
  );
}

function refuseEmbedded(model: InstalledModel): void {
  if (model.embedded)
    throw new FoveaError(
      'not-allowed',
      `${model.id} comes with Fovea: its card stays as it is`,
      'Add a copy of the file under another name to change its card.',
    );
}
