import { realpathSync, statSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, normalize, relative, sep } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import type { ModelSignature } from '../../src-shared/model-card.ts';
import { noFile } from '../files/small-file.ts';
import { openFileSource, type ByteSource } from './byte-source.ts';
import { chooseOutput, tensorsText } from './chosen-output.ts';
import { ConstantValues } from './constant-values.ts';
import { inlineGraphs } from './inline-graphs.ts';
import { attributesOf, tensorAttribute } from './onnx-node.ts';
import { FLOAT, typeName, UINT8, type OnnxModel, type OnnxNode, type OnnxValue } from './onnx-schema.ts';
import { readModel, type Chunk, serialiseModel } from './onnx-file.ts';
import { WireError } from './protobuf-wire.ts';
import { widenFloat16 } from './widen-float16.ts';

/** A model file that has been indexed and found to classify images; weights stay in the file. */
export interface ModelFile {
  readonly path: string;
  readonly bytes: number;
  /** Files that hold weights of the model, relative to its folder. */
  readonly externalFiles: readonly string[];
  readonly source: ByteSource;
  readonly model: OnnxModel;
  /** Values of the model's small constants. */
  readonly constants: ConstantValues;
  /** With the output taken for the scores unless a card names another. */
  readonly signature: ModelSignature;
  /** Why that output, where there are several; else empty. */
  readonly outputChoice: string;
  readonly inputType: 'float32' | 'uint8';
  /** Axis of the channels in the input, as far as the file tells. */
  readonly layout: 'NCHW' | 'NHWC';
  /** The file leaves the layout open; a card may say otherwise. */
  readonly layoutIsOpen: boolean;
  /** Only batches of one image can be run. */
  readonly fixedBatch: boolean;
}

/**
 * Opens a model file.
 * @throws FoveaError `model-…` naming the file, what was expected and what to do
 */
export function openModelFile(path: string): ModelFile {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats)
    throw new FoveaError('model-missing', `${path}: no such file`, 'Check the path, or see fovea models list.');
  if (stats.isDirectory())
    throw new FoveaError(
      'model-is-directory',
      `${path}: a folder, expected an ONNX file`,
      'Name the .onnx file inside it.',
    );
  if (!stats.isFile()) throw new FoveaError('model-unreadable', `${path}: ${noFile(stats)}`, 'Name an ONNX file.');
  if (stats.size === 0)
    throw new FoveaError('model-empty', `${path}: the file is empty`, 'Download or export the model again.');
  let source: ByteSource;
  try {
    source = openFileSource(path);
  } catch (error) {
    throw new FoveaError('model-unreadable', `${path}: cannot be read`, 'Check the permissions of the file.', {
      cause: error,
    });
  }
  try {
    const stored = inlineGraphs(indexed(path, source), source, path);
    const externalFiles = checkExternalData(path, stored);
    const model = withoutUnreadInputs(widenFloat16(stored, source, path));
    const constants = constantsOf(path, source, model);
    refuseTraining(path, model, constants);
    const input = imageInput(path, model);
    const output = chooseOutput(model);
    if (!output) throw damaged(path, 'it has no output');
    const layout = layoutOf(input, model);
    return {
      path,
      bytes: stats.size,
      externalFiles,
      source,
      model,
      constants,
      signature: {
        inputName: input.name,
        inputShape: input.shape ?? [null, null, null, null],
        outputName: output.value.name,
        outputShape: output.value.shape ?? [],
      },
      outputChoice: output.why,
      inputType: input.elementType === UINT8 ? 'uint8' : 'float32',
      layout: layout ?? 'NCHW',
      layoutIsOpen: layout === null,
      fixedBatch: input.shape?.[0] === 1,
    };
  } catch (error) {
    source.close();
    if (error instanceof WireError) throw damaged(path, error.message, error);
    throw error;
  }
}

function indexed(path: string, source: ByteSource): OnnxModel {
  const model = readModel(source);
  if (model.nodes.length === 0) throw damaged(path, 'it holds no graph');
  const disordered = firstOutOfOrder(model.nodes);
  if (disordered)
    throw damaged(path, `node ${disordered.name || disordered.outputs[0]} comes before a node it reads from`);
  if (model.opset < LOWEST_OPSET)
    throw new FoveaError(
      'model-unsupported',
      `${path}: opset ${model.opset}, expected ${LOWEST_OPSET} or newer`,
      'Export the model again with a newer opset, or convert it with the ONNX version converter.',
    );
  return model;
}

/** A node that reads what it or a later node gives: ONNX demands topological order, which also rules out cycles. */
function firstOutOfOrder(nodes: readonly OnnxNode[]): OnnxNode | undefined {
  const pending = new Set(nodes.flatMap((node) => node.outputs));
  pending.delete('');
  return nodes.find((node) => {
    if ([...node.inputs, ...node.captured].some((input) => pending.has(input))) return true;
    for (const output of node.outputs) pending.delete(output);
    return false;
  });
}

export function damaged(path: string, reason: string, cause?: unknown): FoveaError {
  return new FoveaError(
    'model-damaged',
    `${path}: not a complete ONNX model: ${reason}`,
    'Download or export the model again, and check that it is an ONNX file.',
    { cause },
  );
}

/** Older operators broadcast in other ways; ONNX Runtime takes none below either. */
const LOWEST_OPSET = 7;

const isChannels = (size: number | null | undefined) => size === 1 || size === 3;

/** A declared input that no node reads would have to be fed all the same. */
function withoutUnreadInputs(model: OnnxModel): OnnxModel {
  const read = new Set([
    ...model.nodes.flatMap((node) => [...node.inputs, ...node.captured]),
    ...model.outputs.map((output) => output.name),
  ]);
  const inputs = model.inputs.filter((input) => read.has(input.name));
  return inputs.length > 0 ? { ...model, inputs } : model;
}

function constantsOf(path: string, source: ByteSource, model: OnnxModel): ConstantValues {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  return new ConstantValues(path, source, model.initializers, producers);
}

/** Operators that give other values each time. */
const DRAWING: readonly string[] = [
  'Bernoulli',
  'Multinomial',
  'RandomNormal',
  'RandomNormalLike',
  'RandomUniform',
  'RandomUniformLike',
];

/** Nodes that work as in training look at all images of a batch, or at chance. */
function refuseTraining(path: string, model: OnnxModel, constants: ConstantValues): void {
  const training = model.nodes.find(
    (node) =>
      node.opType === 'BatchNormalization' &&
      (model.opset >= 14
        ? attributesOf(node).get('training_mode') === 1
        : node.outputs.slice(1).some((output) => output !== '')),
  );
  // Swin's attention is exported so, with a ratio of 0: nothing is dropped.
  const drops = model.nodes.find(
    (node) =>
      node.opType === 'Dropout' && constants.scalar(node.inputs[2]) === 1 && constants.scalar(node.inputs[1]) !== 0,
  );
  const draws = model.nodes.find(({ opType }) => DRAWING.includes(opType));
  if (draws)
    throw new FoveaError(
      'model-unsupported',
      `${path}: node ${draws.name || draws.outputs[0]} (${draws.opType}) draws random numbers: answers would depend on chance`,
      'Export the model as it is used after training, without noise.',
    );
  if (drops)
    throw new FoveaError(
      'model-unsupported',
      `${path}: node ${drops.name || drops.outputs[0]} (Dropout) works in training mode: answers would depend on chance`,
      'Export the model in evaluation mode, in PyTorch after model.eval().',
    );
  if (training)
    throw new FoveaError(
      'model-unsupported',
      `${path}: node ${training.name || training.outputs[0]} (BatchNormalization) works in training mode: the answer for an image would depend on the images beside it`,
      'Export the model in evaluation mode, in PyTorch after model.eval().',
    );
}

/** Where the channels stand, by the sizes the file states, else by a Transpose that is the first to read the image; null where it does not tell. */
function layoutOf(input: OnnxValue, model: OnnxModel): 'NCHW' | 'NHWC' | null {
  const [, first, , last] = input.shape ?? [];
  if (isChannels(last) && !isChannels(first)) return 'NHWC';
  if (isChannels(first) || isChannels(last)) return 'NCHW';
  let tensor = input.name;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const reader = model.nodes.find((node) => node.inputs.includes(tensor));
    if (!reader) return null;
    if (reader.opType === 'Transpose') return String(attributesOf(reader).get('perm')) === '0,3,1,2' ? 'NHWC' : null;
    if (!['Cast', 'Sub', 'Div', 'Mul', 'Add', 'Identity'].includes(reader.opType)) return null;
    tensor = reader.outputs[0]!;
  }
  return null;
}

/** Nodes that normalise an image before the layout is looked for no further. */
const MOST_STEPS = 16;

function imageInput(path: string, model: OnnxModel): OnnxValue {
  const weights = new Set(model.initializers.map((tensor) => tensor.name));
  const inputs = model.inputs.filter((input) => !weights.has(input.name));
  const shown = tensorsText(inputs);
  const advice = 'Fovea analyses image classifiers with one input of shape [N, 3, H, W] or [N, H, W, 3].';
  if (inputs.length > 1)
    throw new FoveaError(
      'model-several-inputs',
      `${path}: expected one input, found ${inputs.length}: ${shown}`,
      advice,
    );
  const [input] = inputs;
  if (!input || !(input.shape === null || (input.shape.length === 4 && hasImageChannels(input.shape))))
    throw new FoveaError(
      'model-no-image-input',
      `${path}: expected an image as input, found ${shown || 'none'}`,
      advice,
    );
  if (input.elementType !== FLOAT && input.elementType !== UINT8)
    throw new FoveaError(
      'model-no-image-input',
      `${path}: its input ${input.name} takes ${typeName(input.elementType)}, expected float32, float16 or uint8`,
      'Export the model with an input of one of these types.',
    );
  const batch = input.shape?.[0] ?? 1;
  if (batch !== 1)
    throw new FoveaError(
      'model-unsupported',
      `${path}: its batch is fixed to ${batch} images, expected 1 or any number`,
      'Export the model with a batch of 1, or with a dynamic batch axis.',
    );
  return input;
}

function hasImageChannels(shape: readonly (number | null)[]): boolean {
  return [shape[1], shape[3]].some((size) => size === null || isChannels(size));
}

/**
 * External data must lie in the model's folder: a model file is no key to the rest of the disk.
 * @returns the files, relative to it
 */
function checkExternalData(path: string, model: OnnxModel): string[] {
  const folder = dirname(path);
  const files = new Set<string>();
  const constants = model.nodes.flatMap((node) => (node.opType === 'Constant' ? (tensorAttribute(node) ?? []) : []));
  for (const { name, external } of [...model.initializers, ...constants]) {
    if (!external) continue;
    const location = external['location'] ?? '';
    const outside = (found: string) =>
      new FoveaError(
        'model-external-data-outside',
        `${path}: weights ${name} point to ${found}, outside the model's folder`,
        'Keep external data beside the model, and do not trust a model that points elsewhere.',
      );
    if (isAbsolute(location) || relative(folder, join(folder, location)).split(sep)[0] === '..')
      throw outside(location);
    let real: string;
    try {
      real = realpathSync(join(folder, location));
    } catch (error) {
      throw new FoveaError(
        'model-external-data-missing',
        `${path}: weights ${name} are in ${location}, which is not there`,
        'Put the file beside the model.',
        { cause: error },
      );
    }
    if (relative(realpathSync(folder), real).split(sep)[0] === '..') throw outside(real);
    const [offset, length] = [Number(external['offset'] ?? 0), Number(external['length'] ?? 0)];
    if (![offset, length].every((value) => Number.isSafeInteger(value) && value >= 0))
      throw damaged(path, `weights ${name} are at offset ${external['offset']}, length ${external['length']}`);
    const stats = statSync(real);
    if (!stats.isFile() || stats.size < offset + length)
      throw new FoveaError(
        'model-external-data-missing',
        `${path}: weights ${name} need ${offset + length} bytes of ${location || 'no file'}, which has ${stats.isFile() ? stats.size : 'none'}`,
        'Download the external data again.',
      );
    files.add(normalize(location));
  }
  return [...files];
}

/** A model as bytes for a session in `folder`: weights are references to the model's own file. */
export function sessionBytes(file: ModelFile, model: OnnxModel): Uint8Array {
  return joined(file, serialiseModel(model, basename(file.path)));
}

function joined(file: ModelFile, chunks: readonly Chunk[]): Uint8Array {
  return Buffer.concat(
    chunks.map((chunk) => (chunk instanceof Uint8Array ? chunk : file.source.view(chunk.offset, chunk.length).slice())),
  );
}

const COPY_BYTES = 1 << 22;

/** A model as a file of its own, piece by piece, weights copied. */
export function* fileChunks(file: ModelFile, model: OnnxModel): Generator<Uint8Array> {
  for (const chunk of serialiseModel(model, null)) {
    if (chunk instanceof Uint8Array) yield chunk;
    else
      for (let done = 0; done < chunk.length; done += COPY_BYTES)
        yield file.source.view(chunk.offset + done, Math.min(COPY_BYTES, chunk.length - done)).slice();
  }
}
