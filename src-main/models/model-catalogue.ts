import { readFileSync } from 'node:fs';
import { z } from 'zod';
import resource from '../../resources/model-catalogue.json' with { type: 'json' };
import { FoveaError } from '../../src-shared/errors.ts';
import { invalidField } from '../../src-shared/invalid-field.ts';
import { parseJsonText } from '../files/json-text.ts';
import type { ModelCard } from '../../src-shared/model-card.ts';
import { CHANNEL_ORDERS, PUBLISHED_PIXELS, RESIZE_METHODS } from '../../src-shared/preprocessing.ts';
import { outputKindOf } from '../network/output-kind.ts';
import type { ModelFile } from '../onnx/model-file.ts';

const side = z.int().min(1);
const preprocessingSchema = z.strictObject({
  about: z.string(),
  channels: z.enum(CHANNEL_ORDERS),
  range: z.tuple([z.number(), z.number()]),
  mean: z.array(z.number()),
  std: z.array(z.number().positive()),
  /** Side of the crop as a share of the resized image's shorter side. */
  cropShare: z.number().gt(0).max(1),
  resize: z.enum(RESIZE_METHODS),
});
const modelSchema = z.strictObject({
  /** Also the file's name without `.onnx`, and the id once installed. */
  name: z.string().regex(/^[a-z0-9][a-z0-9.-]*$/),
  title: z.string(),
  opset: z.int(),
  bytes: z.int().min(1),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** Axes of the input; null is dynamic. */
  input: z.tuple([side.nullable(), side, side, side]),
  preprocessing: z.string(),
  licence: z.string(),
  /** On the 50,000 ImageNet validation photos, as the zoo states it. */
  accuracy: z.strictObject({ top1: z.number(), top5: z.number() }).optional(),
});
const catalogueSchema = z.strictObject({
  source: z.string(),
  preprocessing: z.record(z.string(), preprocessingSchema),
  models: z.array(modelSchema),
});
export type Catalogue = z.infer<typeof catalogueSchema>;
export type CatalogueModel = z.infer<typeof modelSchema>;

/** Where the files are, unless another host with the same paths is named. */
export const DEFAULT_MODEL_HOST = 'https://huggingface.co';

/**
 * Models that can be downloaded, as they are known offline: the zoo's, or those of the file that `FOVEA_MODEL_CATALOGUE` names, for
 * whoever has a host of their own.
 * @throws FoveaError `bad-argument` for a file that is no catalogue
 */
export function modelCatalogue(file = process.env.FOVEA_MODEL_CATALOGUE): Catalogue {
  if (!file) return catalogueSchema.parse(resource);
  const wrong = (reason: string, cause?: unknown) =>
    new FoveaError('bad-argument', `${file}: ${reason}`, 'Compare it with resources/model-catalogue.json of Fovea.', {
      cause,
    });
  let value: unknown;
  try {
    value = parseJsonText(readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrong(error instanceof Error ? error.message : String(error), error);
  }
  const parsed = catalogueSchema.safeParse(value);
  if (!parsed.success) throw wrong(invalidField(parsed.error, value));
  return parsed.data;
}

/**
 * @throws FoveaError `model-unknown` naming what comes closest
 */
export function catalogueModel({ models }: Catalogue, name: string): CatalogueModel {
  const wanted = name.replace(/\.onnx$/i, '').toLowerCase();
  const found = models.find((model) => model.name === wanted);
  if (found) return found;
  const family = wanted.replace(/[^a-z0-9]/g, '').slice(0, 3);
  const near = models.filter((model) => family !== '' && model.name.startsWith(family)).map((model) => model.name);
  throw new FoveaError(
    'model-unknown',
    `the catalogue has no model called ${name}${near.length > 0 ? `; near: ${near.join(', ')}` : ''}`,
    'fovea models download without a name lists the catalogue.',
  );
}

/**
 * @param host such as `https://huggingface.co`; a path in it is kept
 * @throws FoveaError `bad-argument`
 */
export function downloadUrl({ name }: CatalogueModel, host: string): URL {
  const base = URL.parse(host);
  if (!base || !/^https?:$/.test(base.protocol))
    throw new FoveaError(
      'bad-argument',
      `the host of the models is ${JSON.stringify(host)}, expected a URL`,
      `Give one like ${DEFAULT_MODEL_HOST}.`,
    );
  return new URL(`${base.origin}${base.pathname.replace(/\/$/, '')}/onnxmodelzoo/${name}/resolve/main/${name}.onnx`);
}

/**
 * The card of a downloaded file: what the catalogue knows, with the names the file gives its input and output. No labels: ImageNet's
 * class names are not Fovea's to pass on.
 */
export function catalogueCard(catalogue: Catalogue, model: CatalogueModel, file: ModelFile): ModelCard {
  const { about, channels, range, mean, std, cropShare, resize } = catalogue.preprocessing[model.preprocessing]!;
  const { inputName, outputName, outputShape } = file.signature;
  const [, ...sizes] = model.input;
  const [height, width] = file.layout === 'NCHW' ? [sizes[1], sizes[2]] : [sizes[0], sizes[1]];
  return {
    name: `${model.title} (opset ${model.opset})`,
    file: `${model.name}.onnx`,
    origin: `ONNX Model Zoo, published by onnxmodelzoo on Hugging Face; preprocessing as the zoo's ${about} take it`,
    input: {
      name: inputName,
      layout: file.layout,
      channels,
      height,
      width,
      resizeShorterSide: Math.round(Math.max(height, width) / cropShare),
      crop: 'centre',
      ...PUBLISHED_PIXELS,
      resize,
      range,
      mean,
      std,
    },
    output: {
      name: outputName,
      ...(outputShape.length > 0 ? { shape: [...outputShape] } : {}),
      kind: outputKindOf(file.model, outputName),
    },
    licence: model.licence,
    ...(model.accuracy
      ? { accuracy: { dataset: 'ImageNet-1k validation, as the zoo states it', images: 50_000, ...model.accuracy } }
      : {}),
  };
}
