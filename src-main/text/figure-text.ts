import { doubtfulLabels } from '../../src-shared/runs/doubtful-labels.ts';
import { percent as percentOf, points } from '../../src-shared/figure-text.ts';
import { FEW_IMAGES, type PairedOutcome, SIGNIFICANT_BELOW } from '../../src-shared/runs/paired-statistics.ts';
import type { Interval } from '../../src-shared/runs/statistics.ts';

/** `62.4 %`; null stays null, for a dash in a table. */
export function percent(share: number | null, digits = 1): string | null {
  return share === null ? null : percentOf(share, digits);
}

/** `56.3 to 68.2`, in percent or points. */
export function intervalText(interval: Interval | null): string | null {
  return interval && `${points(interval[0])} to ${points(interval[1])}`;
}

export function pValueText(p: number): string {
  return p < 0.0001 ? p.toExponential(1) : p.toFixed(4);
}

/** `-2.4 (-5.1 to 0.3), not significant`: points, with the 95 % interval and a word on the test's family. */
export function differenceText(
  found: Pick<PairedOutcome, 'difference' | 'interval' | 'familyPValue'> | null,
): string | null {
  return (
    found &&
    `${points(found.difference)} (${intervalText(found.interval)})${found.familyPValue < SIGNIFICANT_BELOW ? '' : ', not significant'}`
  );
}

/** Below every table of differences. */
export const DIFFERENCES =
  'Differences: points, over the same images, with 95 % intervals. Not significant: p is not below 0.05 once raised for all tests of ' +
  'the column (Holm). At equal energy: two neighbours of the frontier in turn, so that both cost what the plan does.';

/** A warning below so many images that differences of points could be seen. */
export function fewImagesText(images: number): string {
  return images < FEW_IMAGES
    ? `Warning: ${images} images are few (under ${FEW_IMAGES}): differences of some points are within chance, whatever their sign.\n`
    : '';
}

/** See `doubtfulLabels`; a line, or nothing. */
export function doubtfulLabelsText(plainTop1: number | null): string {
  const warning = doubtfulLabels(plainTop1);
  return warning === null ? '' : `${warning}\n`;
}
