import { z } from 'zod';
import { savedAtAccuracy } from './equal-accuracy.ts';
import { UNIFORM_WIDTHS } from './controls.ts';
import { FULL_BITS } from './run-outcomes.ts';
import { bootstrapInterval, type BootstrapOptions, type Interval } from './statistics.ts';

/** MAC-weighted activation bits of an image, by who pays; see `EnergyMode`. */
const costSchema = z.strictObject({ ideal: z.number(), lockstep: z.number(), compacted: z.number() });
export type BoundCost = Readonly<z.infer<typeof costSchema>>;

/** What a search found of one image. */
export const imageBoundSchema = z.strictObject({
  /** Of the file, hexadecimal. */
  sha256: z.string(),
  /** Whether the plain network gives the answer that is to be kept: the label, or without one its own. */
  plainRight: z.boolean(),
  /** By width of `UNIFORM_WIDTHS`: whether it keeps the answer, and what it costs. */
  widths: z.array(z.strictObject({ keeps: z.boolean(), cost: costSchema })),
  /** The cheapest map found that keeps it; null where no uniform width does, or none was looked for. */
  map: z
    .strictObject({ high: z.int(), low: z.int(), highShare: z.number(), cost: costSchema, tried: z.int() })
    .nullable(),
});
export type ImageBound = Readonly<z.infer<typeof imageBoundSchema>>;

export const BOUND_MODES = ['ideal', 'lockstep', 'compacted'] as const satisfies readonly (keyof BoundCost)[];

/** Shares of uniform 8 bits. */
export interface BoundInMode {
  /** Each image at the fewest uniform bits that keep its answer, and under the cheapest map found beyond. */
  readonly uniformPerImage: number;
  readonly mapPerImage: number;
  /** What maps save more, over the same images. */
  readonly earned: number;
  readonly interval: Interval;
  /** What one width, or two in turn, saves for all images at the accuracy of the plain network, which the maps keep. */
  readonly uniformForAll: number;
  readonly isBeyond: boolean;
}

export interface MapBound {
  readonly images: number;
  readonly plainRight: number;
  /** Images whose answer a map kept that costs less than their width. */
  readonly lowered: number;
  /** Masks tried an image, of those that were searched. */
  readonly tried: number;
  readonly modes: Readonly<Record<(typeof BOUND_MODES)[number], BoundInMode>>;
}

/**
 * How much any map could earn: an upper bound as far as a search that knows the right answer finds it, against the same knowledge spent
 * on uniform widths. Images that the plain network gets wrong pay 8 bits in both.
 * @param images at least one
 */
export function mapBound(images: readonly ImageBound[], options: BootstrapOptions): MapBound {
  const searched = images.flatMap(({ map }) => map ?? []);
  const inMode = (mode: keyof BoundCost): BoundInMode => {
    const uniform = images.map((image) => uniformCost(image, mode));
    const maps = images.map((image, at) => Math.min(uniform[at]!, image.map?.cost[mode] ?? Infinity));
    const earned = uniform.map((cost, at) => (cost - maps[at]!) / FULL_BITS);
    const points = UNIFORM_WIDTHS.map((_, width) => ({
      saved: savedOf(images.map(({ widths }) => widths[width]!.cost[mode])),
      accuracy: mean(images.map(({ widths }) => Number(widths[width]!.keeps))),
    }));
    const forAll = savedAtAccuracy(mean(images.map(({ plainRight }) => Number(plainRight))), points);
    return {
      uniformPerImage: savedOf(uniform),
      mapPerImage: savedOf(maps),
      earned: mean(earned),
      interval: bootstrapInterval(
        images.length,
        (draws) => draws.reduce((sum, draw) => sum + earned[draw]!, 0) / draws.length,
        options,
      )!,
      uniformForAll: forAll.saved,
      isBeyond: forAll.isBeyond,
    };
  };
  return {
    images: images.length,
    plainRight: images.filter(({ plainRight }) => plainRight).length,
    lowered: images.filter((image) => image.map && image.map.cost.ideal < uniformCost(image, 'ideal')).length,
    tried: searched.length === 0 ? 0 : mean(searched.map(({ tried }) => tried)),
    modes: { ideal: inMode('ideal'), lockstep: inMode('lockstep'), compacted: inMode('compacted') },
  };
}

/** Of the fewest bits that keep the answer; the full price where none do, or the plain network is wrong. */
function uniformCost({ plainRight, widths }: ImageBound, mode: keyof BoundCost): number {
  const keeping = plainRight ? widths.filter(({ keeps }) => keeps).map(({ cost }) => cost[mode]) : [];
  return Math.min(FULL_BITS, ...keeping);
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const savedOf = (costs: readonly number[]) => 1 - mean(costs) / FULL_BITS;
