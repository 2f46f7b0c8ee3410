import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DEFAULT_DEVICE, type Device, DEVICES } from '../../src-shared/device.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { COLOUR_READINGS, DECODINGS, type PixelChoices } from '../../src-shared/preprocessing.ts';
import { canonicalJson, type ModelSettings, type RunModel } from '../../src-shared/runs/run-record.ts';
import type { CalibratedRanges } from '../engine/engine-protocol.ts';
import type { ModelRequest, OpenedModel } from '../engine/inside/opened-model.ts';

/** What the store keeps of a model that measured. */
export interface MeasuredModel {
  /** Of the model file, hexadecimal. */
  readonly sha256: string;
  /** All that decides results beside the model file: preprocessing, kind of output, calibrated ranges. */
  readonly settings: ModelSettings;
  readonly layers: readonly LayerGeometry[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
  /** Class names by index; empty where there are none. */
  readonly labels: readonly string[];
}

/** Digests of what comes with images, by path of the image: importance maps, frames before. */
export type BesideImages = Pick<ModelSettings, 'maps' | 'frames'>;

/** Among the settings of a model whose sums were added up in another order: results of their own. */
const SECOND_ROUNDING = 'second';

export function isSecondRounding(settings: ModelSettings): boolean {
  return settings.rounding === SECOND_ROUNDING;
}

/**
 * A model as a run stores it: its settings are what decides results beside the file.
 * @param beside what comes with the images, where plans take it: with others, results are others
 */
export function runModelOf(
  id: string,
  opened: OpenedModel,
  ranges: CalibratedRanges | null,
  { secondRounding = false, device = DEFAULT_DEVICE }: Pick<ModelRequest, 'secondRounding' | 'device'> = {},
  beside: BesideImages = {},
): MeasuredModel & Pick<RunModel, 'id' | 'path'> {
  return {
    id,
    path: opened.path,
    sha256: opened.sha256,
    settings: {
      preprocessing: opened.preprocessing,
      outputKind: opened.outputKind,
      ranges,
      ...(secondRounding ? { rounding: SECOND_ROUNDING } : {}),
      // Every device rounds sums in a way of its own: results of their own. Those of the CPU have always been without a name.
      ...(device === DEFAULT_DEVICE ? {} : { device }),
      ...beside,
    },
    layers: opened.layers,
    leftOut: opened.leftOut,
    labels: opened.labels,
  };
}

/** What networks ran on with these settings. */
export function deviceOf({ device = DEFAULT_DEVICE }: ModelSettings): Device {
  const known = DEVICES.find((name) => name === device);
  if (known) return known;
  throw new FoveaError(
    'store-newer',
    `a run was measured on ${JSON.stringify(device)}, which this Fovea does not know`,
    'Use the version of Fovea that made it, or a newer one.',
  );
}

const readingSchema = z.object({
  preprocessing: z.object({ colours: z.enum(COLOUR_READINGS).optional(), decoding: z.enum(DECODINGS).optional() }),
});

/** How photos were read with these settings. */
export function readAs(settings: ModelSettings): PixelChoices {
  return readingSchema.safeParse(settings).data?.preprocessing ?? {};
}

/** What tells settings apart: their digest, hexadecimal. */
export function settingsSha256(settings: ModelSettings): string {
  return createHash('sha256').update(canonicalJson(settings)).digest('hex');
}
