import type { RunsComparison } from '../../src-shared/contract/comparison.ts';
import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import { comparisonDocument } from '../../src-shared/runs/comparison-document.ts';
import { type ComparedImages, imagesOf } from '../../src-shared/runs/comparison-columns.ts';
import { csvPath, csvTable } from '../../src-shared/runs/csv.ts';
import { bitOf, KEPT, sideLetter } from '../../src-shared/runs/run-comparison.ts';

type Cells = readonly (string | number | null)[];

/** The figures on screen as CSV: one a row, so that any number of runs has the same columns. */
export function comparisonCsv({ sides, comparison, bits, energy, layers }: RunsComparison): string {
  const rows: Cells[] = [['figure', 'subject', 'side', 'value', 'low', 'high', 'p', 'p_holm']];
  const side = (index: number) => `${sideLetter(index)} ${sides[index]!.run.name}`;
  const add = (
    figure: string,
    subject: string,
    index: number,
    value: number,
    interval: readonly [number, number] | null = null,
    p: readonly [number, number] | null = null,
  ) => rows.push([figure, subject, side(index), value, ...(interval ?? [null, null]), ...(p ?? [null, null])]);
  comparison.accuracies?.forEach((accuracy, index) => {
    add('accuracy', 'top1', index, accuracy.top1, accuracy.top1Interval);
    add('accuracy', 'top5', index, accuracy.top5, accuracy.top5Interval);
    add('accuracy', 'agreement', index, accuracy.agreement);
  });
  comparison.paired.forEach((paired, at) => {
    for (const kept of KEPT) {
      const { difference, interval, pValue, familyPValue, imagesForAPoint, ...table } = paired[kept];
      add('difference', kept, at + 1, difference, interval, [pValue, familyPValue]);
      add('images for 1 point', kept, at + 1, imagesForAPoint);
      for (const [cell, images] of Object.entries(table)) add(cell, kept, at + 1, images);
    }
  });
  for (const { mode, sides: own, differences } of bits) {
    own.forEach((value, index) => add('bits', mode, index, value));
    differences.forEach(({ difference, interval }, at) => add('bits, difference', mode, at + 1, difference, interval));
  }
  for (const { accelerator, mode, sides: own, computeDifferences, totalDifferences } of energy) {
    const subject = `${accelerator} ${mode}`;
    own.forEach(({ computePicojoules, totalPicojoules, savedVs8bit, totalSavedVs8bit }, index) => {
      add('compute picojoules', subject, index, computePicojoules);
      add('whole chip picojoules', subject, index, totalPicojoules);
      add('compute saved', subject, index, savedVs8bit);
      add('whole chip saved', subject, index, totalSavedVs8bit);
    });
    computeDifferences.forEach(({ difference, interval }, at) =>
      add('compute saved, difference', subject, at + 1, difference, interval),
    );
    totalDifferences.forEach(({ difference, interval }, at) =>
      add('whole chip saved, difference', subject, at + 1, difference, interval),
    );
  }
  layers.forEach((own, index) => {
    for (const { name, meanBits, lockstepBits } of own) {
      add('ideal bits', name, index, meanBits);
      add('lock-step bits', name, index, lockstepBits);
    }
  });
  return csvTable(rows);
}

/** The images that are chosen, one a row, with what each side answered. */
export function imagesCsv(
  { sides, labels }: RunsComparison,
  images: ComparedImages,
  chosen: readonly number[],
): string {
  const columns = ['class', 'class_name', 'probability', 'margin', 'bits', ...KEPT];
  const letters = sides.map((_, index) => sideLetter(index));
  const known = (index: number) => (index < 0 ? null : index);
  const rows = chosen.map((image): Cells => [
    csvPath(images.paths[image] ?? ''),
    known(images.labels[image]!),
    ...images.sides.flatMap(({ classes, probabilities, margins, bits, right }): Cells => {
      const verdict = right[image]!;
      return [
        known(classes[image]!),
        labels[classes[image]!] ?? null,
        probabilities[image]!,
        margins[image]!,
        bits[image]!,
        ...KEPT.map((kept) => (verdict === 255 ? null : (verdict & bitOf(kept)) > 0 ? 1 : 0)),
      ];
    }),
  ]);
  return csvTable([
    ['path', 'label', ...letters.flatMap((letter) => columns.map((name) => `${letter}_${name}`))],
    ...rows,
  ]);
}

/** The document of `fovea runs compare --json`, but for the digests of the images. */
export function comparisonJson(comparison: RunsComparison, images: ComparedImages): string {
  const differing = new Set(images.sides.flatMap((_, other) => imagesOf(images, other, 'top1', 'disagree')));
  const disagreements = [...differing]
    .sort((a, b) => a - b)
    .map((image) => ({
      path: images.paths[image]!,
      label: images.labels[image]! < 0 ? null : images.labels[image]!,
      classes: images.sides.map(({ classes }) => classes[image]!),
    }));
  return `${JSON.stringify(comparisonDocument(comparison, disagreements, builtinAccelerators()), null, 2)}\n`;
}
