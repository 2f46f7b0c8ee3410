import { z } from 'zod';
import type { ErrorRecord } from '../errors.ts';
import { layerRangeSchema } from '../precision/layer-range.ts';
import type { LayerCounts, LayerGeometry, LeftOutLayer } from '../measurement.ts';
import type { PairedOutcome } from './paired-statistics.ts';
import { PLAN_ROLES } from './plan-role.ts';
import { KEEPS, POLICIES } from './policies.ts';
import { type PrecisionPlan, precisionPlanSchema } from '../precision/precision-plan.ts';
import { type Interval, wilsonInterval } from './statistics.ts';

/**
 * Of the numbers an image and a plan give. Raised when a change of Fovea alters them: older results are then computed anew.
 * 2: the counts of metric `random` were those of another image, the first of a call.
 * 3: the widths that groups need, packed windows, the level map and rescaled sums are counted, too; signs follow constants behind
 * other operators, a single channel has one range a layer, tokens keep their places.
 * 4: photos are resized as Pillow does, cropped as torchvision does, and their colour profiles left alone.
 * 5: the share is cut at each layer's own resolution, ties favour no place, `uniform` is one level.
 */
export const RESULTS_VERSION = 5;

export interface DatasetImage {
  /** Relative to the dataset's folder, separated by `/`. */
  readonly path: string;
  /** Class index, or null without labels. */
  readonly label: number | null;
}

/** Where the labels of a dataset come from. */
export const labelSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  /** The folder an image lies in. */
  z.strictObject({ kind: z.literal('folders') }),
  /** A WordNet id at the beginning of every file name. */
  z.strictObject({ kind: z.literal('file-names') }),
  z.strictObject({ kind: z.literal('csv'), file: z.string() }),
]);
export type LabelSource = z.infer<typeof labelSourceSchema>;

/** `interrupted`: it was running, and the process that ran it is no more. */
export const RUN_STATUSES = ['running', 'complete', 'cancelled', 'failed', 'interrupted'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** Which counts of {@link LayerCounts} a run holds: `full` also zeros, non-zero bits, clipping and noise. */
export const COUNT_DETAILS = ['basic', 'full'] as const;
export type CountDetail = (typeof COUNT_DETAILS)[number];

/** A part of a run: images whose digest falls to `index` (from 1) of `count`. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface RunModel {
  readonly id: string;
  readonly path: string;
  /** SHA-256 of the model file, hexadecimal. */
  readonly sha256: string;
  /** SHA-256 of its {@link ModelSettings}. */
  readonly settingsSha256: string;
  /** What it ran on: one of `DEVICES`, or what a newer Fovea knows. */
  readonly device: string;
}

/** All that decides a model's results beside its file. */
export const modelSettingsSchema = z.looseObject({
  /** Calibrated ranges by layer name; null where no plan of the run uses them. */
  ranges: z.record(z.string(), layerRangeSchema).nullable(),
  /** Where plans take importance maps: digest of each, hexadecimal, by path of its image; null where an image had none. */
  maps: z.record(z.string(), z.string().nullable()).exactOptional(),
  /** Where plans take the map of the frame before: digest of the frames that each image depends on, by its path. */
  frames: z.record(z.string(), z.string()).exactOptional(),
});
export type ModelSettings = z.infer<typeof modelSettingsSchema>;

/** What is known of a run without looking at its images. */
export interface RunRecord {
  readonly id: string;
  readonly name: string;
  readonly note: string;
  readonly status: RunStatus;
  /** ISO 8601, UTC. */
  readonly createdAt: string;
  readonly model: RunModel;
  readonly dataset: {
    readonly path: string;
    readonly labels: LabelSource;
    /** Where the maps of metric `given` lie, absolute: a folder, or a file for one image. Absent: beside the photos, or no plan takes any. */
    readonly maps?: string;
    /** The images were chosen one by one, and the folder may hold others. Absent: they are those of the folder. */
    readonly chosen?: boolean;
  };
  readonly plans: number;
  readonly images: number;
  /** Images that have all results. */
  readonly finished: number;
  readonly failed: number;
  readonly detail: CountDetail;
  /**
   * An image is done with the cheapest plan that keeps its answer, for an oracle alone: plans lack the results of most images, and no
   * figure is told of one by itself.
   */
  readonly firstSuccess: boolean;
  readonly seed: number;
  readonly shard: Shard | null;
  /** Version of Fovea that began the run. */
  readonly version: string;
  /** Working time, all sittings together. */
  readonly seconds: number;
  /** SHA-256 of all results, whatever their order; null until the run is over. */
  readonly resultsSha256: string | null;
}

/** The most probable classes of one answer, most probable first; at most five. Probabilities are kept in single precision. */
export interface TopClasses {
  readonly classes: readonly number[];
  readonly probabilities: readonly number[];
}

/** Probability of the first class less that of the second, 0..1; below any threshold where there is no answer. */
export function margin({ probabilities: [first, second = 0] }: TopClasses): number {
  return first === undefined ? -1 : first - second;
}

/** Halves images by digest: what is chosen on one half is reported on the other. */
export function inFirstHalf(sha256: string): boolean {
  return Number.parseInt(sha256.slice(-1), 16) < 8;
}

/** What became of one image of a run. */
export type ImageOutcome =
  | {
      readonly path: string;
      readonly sha256: string;
      /** What is odd about its colours; absent where its results were looked up. */
      readonly remarks?: readonly string[];
      /** Null where the store has it already. */
      readonly baseline: TopClasses | null;
      /** Of the plans the store did not have yet. */
      readonly results: readonly PlanResult[];
    }
  | { readonly path: string; readonly failure: ErrorRecord };

export interface PlanResult {
  /** Index among the plans of the run. */
  readonly plan: number;
  readonly top: TopClasses;
  readonly layers: readonly LayerCounts[];
}

/** One image under one plan, as read back. */
export interface ImageResult {
  readonly path: string;
  readonly sha256: string;
  readonly label: number | null;
  readonly baseline: TopClasses;
  readonly quantised: TopClasses;
  /** As values pay them ideally, and in lock-step; over the whole network, see {@link bitsOfNetwork}. */
  readonly macWeightedBits: number;
  readonly macWeightedLockstepBits: number;
}

/** An image of a run whose colours other programs may show otherwise, or that looks odd; see `LoadedImage`. */
export interface RemarkedImage {
  readonly path: string;
  readonly remarks: readonly string[];
}

export interface FailedImage {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

const share = z.number().min(0).max(1).nullable();
const interval = z.tuple([z.number(), z.number()]).readonly().nullable();
const countOrNull = z.number().nullable();

const layerGeometrySchema = z.strictObject({
  name: z.string(),
  op: z.enum(['Conv', 'Gemm', 'MatMul']),
  inputShape: z.tuple([z.number(), z.number(), z.number()]),
  leading: z.number().exactOptional(),
  outputShape: z.tuple([z.number(), z.number(), z.number()]),
  kernel: z.tuple([z.number(), z.number()]),
  groups: z.number(),
  macs: z.number(),
  values: z.number(),
  weights: z.number(),
}) satisfies z.ZodType<LayerGeometry>;

/** The layers of a model, as a store keeps them. */
export const storedLayersSchema = z.array(layerGeometrySchema);

/** What of a model is no layer, as a store keeps it. */
export const leftOutSchema = z.array(
  z.strictObject({ name: z.string(), op: z.string(), macs: z.number().nullable(), why: z.string() }),
) satisfies z.ZodType<LeftOutLayer[]>;

const layerCountsSchema = layerGeometrySchema.extend({
  meanBits: z.number(),
  lockstepBits: z.number(),
  compactedBits: countOrNull,
  crossbarBits: z.number(),
  maxBits: z.number(),
  wordBits: countOrNull.default(null),
  lockstepWordBits: countOrNull.default(null),
  zeroShare: countOrNull,
  nonZeroBits: countOrNull,
  lockstepNonZeroBits: countOrNull,
  compactedNonZeroBits: countOrNull,
  groupBits: countOrNull,
  palletBits: countOrNull,
  compactedPalletBits: countOrNull,
  zeroShareAt8: countOrNull,
  nonZeroBitsAt8: countOrNull,
  lockstepNonZeroBitsAt8: countOrNull,
  groupBitsAt8: countOrNull,
  palletBitsAt8: countOrNull,
  clippedShare: countOrNull,
  sqnrDb: countOrNull,
  levelMapBits: z.number(),
  rangeExponents: z.number(),
  rescaledSums: z.number(),
  predictorSteps: z.number().default(0),
  pass: z.strictObject({ share: z.number(), bits: z.number() }).exactOptional(),
}) satisfies z.ZodType<LayerCounts>;

const mean = { difference: z.number(), interval: z.tuple([z.number(), z.number()]).readonly(), pValue: z.number() };
const familyPValue = z.number();

const pairedOutcomeSchema = z.strictObject({
  ...mean,
  familyPValue,
  bothRight: z.int(),
  onlyFirst: z.int(),
  onlyOther: z.int(),
  bothWrong: z.int(),
  imagesForAPoint: z.number(),
}) satisfies z.ZodType<PairedOutcome>;

const frontierDifferenceSchema = z.strictObject({
  ...mean,
  familyPValue,
  /** Indexes of the two plans that are mixed. */
  between: z.tuple([z.int(), z.int()]).readonly(),
});

/**
 * A plan held against its controls, at Top-1 over the judged images (without labels: at agreement). Shares of images; probabilities
 * are raised for the family of all such tests of a run. Null where the run lacks the control, or nothing of it costs as much.
 */
const planClaimsSchema = z.strictObject({
  role: z.enum(PLAN_ROLES),
  againstPlain: pairedOutcomeSchema,
  /** At equal energy in lock-step, and with windows of 0 bits packed. */
  againstUniform: frontierDifferenceSchema.nullable(),
  againstUniformCompacted: frontierDifferenceSchema.nullable(),
  /** Against the best of widths and layer-wise profiles, chosen on the same images: the benefit of the doubt is theirs. */
  againstStatic: frontierDifferenceSchema.nullable(),
  /** The same plan by another mask. */
  againstCentre: pairedOutcomeSchema.nullable(),
  againstRandom: pairedOutcomeSchema.nullable(),
});
export type PlanClaims = z.infer<typeof planClaimsSchema>;

/** What one plan gave over the images of a run. Accuracies are shares, 0..1, and null without labels. */
const planReportSchema = z.strictObject({
  plan: precisionPlanSchema,
  images: z.int(),
  labelled: z.int(),
  top1: share,
  top5: share,
  baselineTop1: share,
  baselineTop5: share,
  top1Interval: interval,
  top5Interval: interval,
  /** Images whose scores were not finite, which is no answer: never right, never kept. */
  unanswered: z.int().default(0),
  /** Share of the images whose first class is the plain network's. */
  top1Agreement: share,
  /** Share of the images that have the plain network's first class among the first five. */
  top5Agreement: share,
  /** Mean over the images; null without images. */
  macWeightedBits: z.number().nullable(),
  macWeightedBitsInterval: interval,
  /** The same in lock-step: what policies pay, and what is saved is told of. */
  macWeightedLockstepBits: z.number().nullable(),
  macWeightedLockstepBitsInterval: interval,
  /** Counts averaged over the images: what the energy of any accelerator is priced from. */
  layers: z.array(layerCountsSchema),
  /** It was not asked for, but added to hold others against. */
  control: z.boolean().default(false),
  /** Null in reports that were stored without them, and where no image could be judged. */
  claims: planClaimsSchema.nullable().default(null),
});
export type PlanReport = z.infer<typeof planReportSchema>;

/** What a policy over the plans of a run would give. Accuracies are null without labels. */
const policyReportSchema = z.strictObject({
  policy: z.enum(POLICIES),
  keeps: z.enum(KEEPS),
  /** It is reported over these; a cascade is chosen on others. */
  images: z.int(),
  top1: share,
  top5: share,
  baselineTop1: share,
  baselineTop5: share,
  /** As those of plans; null in reports that were stored without them. */
  top1Agreement: share,
  top5Agreement: share,
  /** Of MAC-weighted bits in lock-step, against uniform 8 bits. */
  savedVs8bit: z.number(),
  savedInterval: interval,
  /** Of MAC-weighted bits in lock-step, against the best static profile among the plans; null where there is none. */
  savedVsStatic: z.number().nullable(),
  /** Indexes of the plans it uses, in the order it tries them. */
  plans: z.array(z.int()),
  /** Whether the plain network, at full price, answers where no plan does. */
  endsAtPlain: z.boolean(),
  /**
   * Shares of the images that pay each of `plans`, and the plain network: together more than 1 where several are tried. Null in
   * reports that were stored without them.
   */
  paid: z
    .strictObject({ plans: z.array(z.number()), plain: z.number() })
    .nullable()
    .default(null),
  /** What an oracle's null saves, the same ladder with random masks; null for the others, and where the run has none. */
  nullSaved: z.number().nullable().default(null),
  nullInterval: interval.default(null),
  /** Margin a cascade accepts; null for the others. */
  threshold: z.number().nullable(),
  /** Why the accuracy is not kept, or the plain network stands in for the policy; null where the policy is what it promises. */
  reason: z.string().nullable(),
});
export type PolicyReport = z.infer<typeof policyReportSchema>;

/** What a finished run says of itself. */
export interface RunReport {
  readonly plans: readonly PlanReport[];
  readonly policies: readonly PolicyReport[];
  /** What of the network is no layer: where its MACs are known, all savings are those of the whole network. Null where it was not noted. */
  readonly leftOut: readonly LeftOutLayer[] | null;
}

/** Reads a stored report. */
export const runReportSchema = z.strictObject({
  plans: z.array(planReportSchema),
  policies: z.array(policyReportSchema),
  leftOut: leftOutSchema.nullable().default(null),
}) satisfies z.ZodType<RunReport>;

/** Sums over images; all are whole numbers but those of bits. */
export interface PlanTally {
  readonly images: number;
  readonly labelled: number;
  readonly top1: number;
  readonly top5: number;
  readonly baselineTop1: number;
  readonly baselineTop5: number;
  readonly top1Agreement: number;
  readonly top5Agreement: number;
  readonly macWeightedBits: number;
  readonly macWeightedLockstepBits: number;
  readonly unanswered: number;
}

export function planReport(
  plan: PrecisionPlan,
  tally: PlanTally,
  macWeightedBitsInterval: Interval | null,
  macWeightedLockstepBitsInterval: Interval | null,
  layers: readonly LayerCounts[],
  { control, claims }: Pick<PlanReport, 'control' | 'claims'>,
): PlanReport {
  const { images, labelled } = tally;
  const shareOf = (count: number, of: number) => (of === 0 ? null : count / of);
  return planReportSchema.parse({
    plan,
    images,
    labelled,
    top1: shareOf(tally.top1, labelled),
    top5: shareOf(tally.top5, labelled),
    baselineTop1: shareOf(tally.baselineTop1, labelled),
    baselineTop5: shareOf(tally.baselineTop5, labelled),
    top1Interval: wilsonInterval(tally.top1, labelled),
    top5Interval: wilsonInterval(tally.top5, labelled),
    unanswered: tally.unanswered,
    top1Agreement: shareOf(tally.top1Agreement, images),
    top5Agreement: shareOf(tally.top5Agreement, images),
    macWeightedBits: shareOf(tally.macWeightedBits, images),
    macWeightedBitsInterval,
    macWeightedLockstepBits: shareOf(tally.macWeightedLockstepBits, images),
    macWeightedLockstepBitsInterval,
    layers,
    control,
    claims,
  } satisfies Readonly<Record<keyof PlanReport, unknown>>);
}

/** Text of a JSON value in which equal values are equal: keys in order, no spaces. What plans and settings are hashed as. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
      : part,
  );
}
