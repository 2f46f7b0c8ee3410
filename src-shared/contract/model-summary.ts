/** What commands and views use unless told otherwise. */
export const DEFAULT_MODEL = 'fovea-caltech101';

/** A model as a list names it. */
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
