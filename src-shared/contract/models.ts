import { z } from 'zod';
import type { LayerGeometry, LeftOutLayer } from '../measurement.ts';
import { id, nothing, procedure } from './procedure.ts';

export interface ModelSummary {
  readonly id: string;
  readonly name: string;
  readonly sha256: string;
  readonly classes: number;
  /** Width and height in pixels of the network's input. */
  readonly inputSize: readonly [number, number];
  readonly licence: string | null;
  /** Ranges from calibration images are stored: range `layer` can be used. */
  readonly calibrated: boolean;
  /** Comes with Fovea. */
  readonly embedded: boolean;
}

export interface ModelDetails extends ModelSummary {
  readonly layers: readonly LayerGeometry[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
  /** What is assumed of the model, or found in it; sentences. */
  readonly remarks: readonly string[];
  /** Class names by index; empty when the card has none. */
  readonly labels: readonly string[];
}

export const MODELS = {
  'models.list': procedure<readonly ModelSummary[]>()(nothing),
  'models.open': procedure<ModelDetails>()(z.strictObject({ modelId: id })),
} as const;

export const MODEL_EVENTS = {
  /** A model's card or calibration has changed, beside the page or through it: what was known of it is to be asked again. */
  'model.changed': z.object({ modelId: z.string() }),
} as const;
