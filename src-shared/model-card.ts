import { z } from 'zod';
import { FoveaError } from './errors.ts';
import { layerRangeSchema } from './precision/layer-range.ts';
import { invalidField } from './invalid-field.ts';
import {
  CHANNEL_ORDERS,
  channelCount,
  COLOUR_READINGS,
  DECODINGS,
  LAYOUTS,
  PUBLISHED_PIXELS,
  RESIZE_METHODS,
} from './preprocessing.ts';
import { PARSED_ONCE } from './parsed-once.ts';

/**
 * What a model's scores are: probabilities of which one class gets each share; sums that softmax makes such; or a probability of each
 * class by itself (several may hold at once).
 */
export const OUTPUT_KINDS = ['probabilities', 'logits', 'sigmoid'] as const;
export type OutputKind = (typeof OUTPUT_KINDS)[number];

const side = z.int().min(1).max(4096);
const axis = z.union([z.int().min(1), z.string(), z.null()]);

/** The fields of {@link Preprocessing} and the input's name. */
export const cardInputSchema = z
  .looseObject({
    name: z.string().min(1),
    layout: z.enum(LAYOUTS),
    channels: z.enum(CHANNEL_ORDERS),
    height: side,
    width: side,
    resizeShorterSide: side.nullable(),
    crop: z.literal('centre'),
    resize: z.enum(RESIZE_METHODS).default(PUBLISHED_PIXELS.resize),
    colours: z.enum(COLOUR_READINGS).default(PUBLISHED_PIXELS.colours),
    decoding: z.enum(DECODINGS).default(PUBLISHED_PIXELS.decoding),
    range: z.tuple([z.number(), z.number()]),
    mean: z.array(z.number()),
    std: z.array(z.number().positive()),
  })
  .superRefine((input, context) => {
    const issue = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message });
    const channels = channelCount(input);
    for (const field of ['mean', 'std'] as const)
      if (input[field].length !== channels) issue(field, `expected ${channels} values, one a channel`);
    if (input.range[0] >= input.range[1]) issue('range', 'expected [low, high] with low below high');
    if (input.resizeShorterSide !== null && input.resizeShorterSide < Math.max(input.height, input.width))
      issue('resizeShorterSide', 'expected at least the longer side of the input, or null to squash the image');
  });

/**
 * What a model file does not say of itself. Lies beside it as `<model>.json`. Keys not named here are kept.
 */
export const modelCardSchema = z.looseObject({
  name: z.string().min(1),
  /** File name of the model. */
  file: z.string().optional(),
  origin: z.string().optional(),
  input: cardInputSchema,
  output: z.looseObject({
    name: z.string().min(1),
    /** Axes; a string or null is dynamic. */
    shape: z.array(axis).optional(),
    kind: z.enum(OUTPUT_KINDS),
  }),
  /** Class names in order, or the name of a text file beside the card with one class a line. */
  labels: z
    .union([z.string().min(1), z.array(z.string()).min(1)], {
      error: 'expected the name of a file beside the card, or a list of names',
    })
    .optional(),
  /** Names of the folders the classes had in the training data, in order. */
  classFolders: z.array(z.string()).optional(),
  licence: z.string().optional(),
  attribution: z.string().optional(),
  /** Shares (0..1) of photos whose class was first, or among the first five. */
  accuracy: z
    .looseObject({
      dataset: z.string(),
      images: z.int().min(1),
      top1: z.number().min(0).max(1),
      top5: z.number().min(0).max(1),
    })
    .optional(),
  calibration: z
    .looseObject({
      /** The ranges are this percentile (0..100] of the absolute activations of that many images. */
      percentile: z.number().gt(0).max(100),
      images: z.int().min(1),
      ranges: z.record(z.string(), layerRangeSchema),
    })
    .optional(),
});

export type ModelCard = z.infer<typeof modelCardSchema>;

/**
 * @param source the card's file, for the message
 * @throws FoveaError `card-invalid` naming the first wrong field
 */
export function parseCard(value: unknown, source: string): ModelCard {
  const parsed = modelCardSchema.safeParse(value, PARSED_ONCE);
  if (parsed.success) return parsed.data;
  throw new FoveaError(
    'card-invalid',
    `${source}: ${invalidField(parsed.error, value)}`,
    'Correct the field, or remove the file to use a preset.',
  );
}

/** What a model file says of itself; null axes are dynamic. */
export interface ModelSignature {
  readonly inputName: string;
  readonly inputShape: readonly (number | null)[];
  readonly outputName: string;
  readonly outputShape: readonly (number | null)[];
}

/** Number of classes of an output shape (the product of its axes after the batch axis, if it has one), or null where one is dynamic or the shape is not stated. */
export function classCount(outputShape: ModelSignature['outputShape']): number | null {
  if (outputShape.length === 0) return null;
  return outputShape
    .slice(outputShape.length > 1 ? 1 : 0)
    .reduce((product, size) => (product === null || size === null ? null : product * size), 1 as number | null);
}

/**
 * Holds a card against its model.
 * @param source the card's file, for the message
 * @throws FoveaError `card-contradicts-model` naming the field, what the card says and what the model says
 */
export function checkCard(card: ModelCard, model: ModelSignature, source: string): void {
  const { input, output } = card;
  const [, ...sizes] = model.inputShape;
  const [channels, height, width] = input.layout === 'NCHW' ? sizes : [sizes[2], sizes[0], sizes[1]];
  const classes = classCount(model.outputShape);
  const cardClasses = output.shape ? classCount(output.shape.map((size) => Number(size) || null)) : null;
  const facts: [field: string, card: string | number, model: string | number | null | undefined][] = [
    ['input.name', input.name, model.inputName],
    ['input.channels', channelCount(input), channels],
    ['input.height', input.height, height],
    ['input.width', input.width, width],
    ['output.name', output.name, model.outputName],
    ['output.shape (classes)', cardClasses ?? classes ?? 0, classes],
  ];
  for (const [field, stated, found] of facts)
    if (found !== null && found !== undefined && stated !== found)
      throw new FoveaError(
        'card-contradicts-model',
        `${source}: field ${field} says ${stated}, the model has ${found}`,
        'Correct the field, or remove the file to use a preset.',
      );
}
