import { count } from '../../src-shared/count-text.ts';
import { MODE_NAMES } from '../../src-shared/energy/energy-mode.ts';
import { points } from '../../src-shared/figure-text.ts';
import { BOUND_MODES } from '../../src-shared/runs/map-bound.ts';
import type { BoundFolder } from '../work/bound-maps.ts';
import { fewImagesText, intervalText, percent } from './figure-text.ts';
import { markdownOf, markdownTable } from './markdown.ts';

/** What `fovea methods --bound` finds, as Markdown. */
export function boundMarkdown({ model, dataset, found, images }: BoundFolder): string {
  const { plainRight, lowered, tried } = found;
  const maps = images.flatMap(({ map }) => map ?? []);
  const cropped = maps.filter(({ low, highShare }) => low === 0 && highShare < 1).length;
  return markdownOf([
    '# How much could any map earn?',
    `Model: ${model.id} (SHA-256 ${model.sha256.slice(0, 16)}). Images: ${count(found.images, 'image')} of ${dataset.images} in ` +
      `${dataset.path}; the plain network gets ${plainRight} right${dataset.labels.kind === 'none' ? ' (there are no labels: its own answer counts)' : ''}.`,
    fewImagesText(found.images).trimEnd(),
    'For each image a search that knows the right answer: the fewest uniform bits that keep it, then the smallest region that needs them, ' +
      'a bit less or nothing outside; windows first, then the border, cells lowered together and judged as a whole. An upper bound on what ' +
      'any map of two widths earns, as far as the search finds it: no method knows as much, and with so many tries part of it is luck. ' +
      'Judged against the same knowledge spent on uniform widths. Images that the plain network gets wrong pay 8 bits in both. Saved: ' +
      'MAC-weighted activation bits against 8.',
    markdownTable(
      ['', 'uniform, image by image', 'a map, image by image', 'maps earn', 'uniform for all, as accurate'],
      BOUND_MODES.map((mode) => {
        const own = found.modes[mode];
        return [
          MODE_NAMES[mode],
          percent(own.uniformPerImage),
          percent(own.mapPerImage),
          `${points(own.earned)} points (${intervalText(own.interval)!})`,
          `${percent(own.uniformForAll)!}${own.isBeyond ? ' (less accurate)' : ''}`,
        ];
      }),
    ),
    `A map was found for ${lowered} of ${plainRight} images (${cropped} of them crop), ${count(Math.round(tried), 'mask')} tried an image. Intervals: 95 %, over images.`,
  ]);
}
