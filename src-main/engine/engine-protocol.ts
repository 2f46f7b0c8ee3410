import type { Device, DeviceState } from '../../src-shared/device.ts';
import type { ErrorRecord } from '../../src-shared/errors.ts';
import type { LayerHistogram } from '../../src-shared/precision/activation-histogram.ts';
import type { EncodedImage } from '../../src-shared/contract/images.ts';
import type { OutputKind } from '../../src-shared/model-card.ts';
import type { Preprocessing } from '../../src-shared/preprocessing.ts';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { ImageBound } from '../../src-shared/runs/map-bound.ts';
import type { ImageOutcome, TopClasses } from '../../src-shared/runs/run-record.ts';
import type { FrameFile } from '../datasets/frames.ts';
import type { MapFile } from '../datasets/map-files.ts';
import type { AnsweringModel } from './answering-model.ts';
import type { ImageMeasurement } from './inside/image-analysis.ts';
import type { EngineProgress, FailedPath } from './inside/task-context.ts';
import type { ModelRequest, OpenedModel } from './inside/opened-model.ts';
import type { PresetComparison } from './inside/preset-comparison.ts';
import type { RewrittenInputs } from '../network/rewritten-inputs.ts';

/** Calibrated ranges by layer name; layers that share a tensor share its range. */
export type CalibratedRanges = Readonly<Record<string, LayerRange>>;

/** What an engine can be asked for, and what it answers. Paths, plans and small results cross; pixels and activations do not. */
export interface EngineTasks {
  open: { input: { model: ModelRequest }; result: OpenedModel };
  /** Whether networks can run on a device, by trying it. */
  probe: { input: { device: Device }; result: DeviceState };
  /** One image under one plan, with all the view shows of it. */
  analyse: {
    input: {
      model: ModelRequest;
      image: string;
      plan: PrecisionPlan;
      ranges: CalibratedRanges | null;
      counts: boolean;
      /** For metric `given`. */
      map?: MapFile;
      /** See `EvaluationImage.before`. */
      before?: readonly FrameFile[];
    };
    result: ImageMeasurement;
  };
  /** Images under plans, for folder runs: one batch mixes both. A bad image fails alone. */
  evaluate: {
    input: {
      model: ModelRequest;
      /** What the model has to be still, since all results are of one. Default: whatever it is. */
      as?: AnsweringModel;
      images: readonly EvaluationImage[];
      plans: readonly PrecisionPlan[];
      ranges: CalibratedRanges | null;
      counts: boolean;
      /** Each image is done with the cheapest plan of each that keeps its answer: indexes of plans. Default: all plans for all. */
      ladders?: readonly (readonly number[])[];
    };
    result: readonly ImageOutcome[];
  };
  /** How much any map could earn on an image. */
  boundMap: {
    input: { model: ModelRequest; as?: AnsweringModel; path: string; label: number | null; tries: number };
    result: ImageBound;
  };
  calibrate: {
    input: {
      model: ModelRequest;
      images: readonly string[];
      percentile: number;
      /** Count the scores, too, that layers find their own levels by. Default: no. */
      scores?: boolean;
    };
    result: {
      readonly ranges: CalibratedRanges;
      /** By layer. */
      readonly histograms: Readonly<Record<string, LayerHistogram>>;
      readonly images: number;
      readonly failed: readonly FailedPath[];
    };
  };
  /** Accuracy of each preprocessing preset, and of the card's own, on labelled images. */
  comparePresets: {
    input: { model: ModelRequest; images: readonly { readonly path: string; readonly label: number }[] };
    result: PresetComparison;
  };
  /** One image as the network would see it with another preprocessing, and its answer. */
  preview: {
    input: { model: ModelRequest; image: string; preprocessing: Preprocessing; outputKind: OutputKind };
    result: {
      /** The input's values, black the lowest and white the highest. */
      readonly picture: EncodedImage;
      readonly low: number;
      readonly high: number;
      /** Null where the scores are not finite. */
      readonly top: TopClasses | null;
    };
  };
  /** The rewritten model as a file of its own. */
  exportRewritten: {
    input: { model: ModelRequest; plan: PrecisionPlan; ranges: CalibratedRanges | null; out: string };
    result: { readonly bytes: number; readonly inputs: RewrittenInputs };
  };
}

export type TaskName = keyof EngineTasks;
export type TaskInput<Name extends TaskName> = EngineTasks[Name]['input'];
export type TaskResult<Name extends TaskName> = EngineTasks[Name]['result'];

export interface EvaluationImage {
  readonly path: string;
  /** Indexes of the plans wanted; the store may have the others. */
  readonly plans: readonly number[];
  /** The plain network's answer is wanted too. */
  readonly baseline: boolean;
  /** The right class, for `ladders`; without it the plain network's. */
  readonly label?: number | null;
  /** For metric `given`. */
  readonly map?: MapFile;
  /** For metric `saliency` from the frame before: the frames that its map depends on, the first one first; none where it makes a pass. */
  readonly before?: readonly FrameFile[];
}

export type ToEngine =
  | {
      [Name in TaskName]: {
        readonly kind: 'task';
        readonly id: number;
        readonly name: Name;
        readonly input: TaskInput<Name>;
      };
    }[TaskName]
  | { readonly kind: 'cancel'; readonly id: number }
  | { readonly kind: 'give-way' };

export type FromEngine =
  | { readonly kind: 'result'; readonly id: number; readonly result: TaskResult<TaskName> }
  | { readonly kind: 'error'; readonly id: number; readonly error: ErrorRecord }
  | { readonly kind: 'progress'; readonly id: number; readonly progress: EngineProgress }
  /** It begins to open the task's model, or has opened it. */
  | { readonly kind: 'opening'; readonly id: number; readonly opening: boolean };
