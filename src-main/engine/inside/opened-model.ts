import { resolve } from 'node:path';
import type { Device } from '../../../src-shared/device.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import type { LayerGeometry, LeftOutLayer } from '../../../src-shared/measurement.ts';
import { checkCard, type ModelCard, type ModelSignature, type OutputKind } from '../../../src-shared/model-card.ts';
import {
  channelCount,
  type PixelChoices,
  presetPreprocessing,
  type Preprocessing,
  type PreprocessingPreset,
} from '../../../src-shared/preprocessing.ts';
import { cardPath, readCard, readLabels } from '../../models/model-card-file.ts';
import { fileDigest } from '../../files/digest.ts';
import type { ModelFile } from '../../onnx/model-file.ts';
import { checkDevice } from '../../network/device-probe.ts';
import type { GraphLayers } from '../../network/graph-layers.ts';
import { Network } from '../../network/network.ts';

/** What an engine is asked to open. */
export interface ModelRequest {
  /** Absolute. */
  readonly path: string;
  /** Preprocessing when no card lies beside the model; the card decides where there is one. Default: `imagenet`. */
  readonly preset?: PreprocessingPreset;
  /** Threads of inference. Default: 1. */
  readonly threads?: number;
  /** See `SessionOptions`. */
  readonly secondRounding?: boolean;
  /** What the network runs on. Default: the CPU. */
  readonly device?: Device;
  /** Where photos are to be read otherwise than the card says. */
  readonly pixels?: PixelChoices;
}

/** Everything known of an opened model; small, so it may cross processes. */
export interface OpenedModel {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  /** Files that hold weights of the model, relative to its folder: the digest says nothing of them. */
  readonly externalFiles: readonly string[];
  readonly signature: ModelSignature;
  readonly card: ModelCard | null;
  readonly preprocessing: Preprocessing;
  /** Without a card, the preset that stands in. */
  readonly preset: PreprocessingPreset | null;
  /** The card's, else judged by the scores of a run. */
  readonly outputKind: OutputKind;
  /** By class; empty where there is no list of them. */
  readonly labels: readonly string[];
  readonly classes: number;
  readonly layers: readonly LayerGeometry[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
  /** What is assumed of the model, or found in it, that a user should know; sentences. */
  readonly remarks: readonly string[];
  /** By layer: whether it reads the image itself. */
  readonly readsImage: readonly boolean[];
  /** By layer: which quantised tensor it reads. Layers that read the same one get the most bits any of them asks for. */
  readonly tensorOfLayer: readonly number[];
  /** Why metric `saliency` finds no class-activation map in it, in words that follow a colon; null where it has one. */
  readonly withoutActivation: string | null;
  readonly opset: number;
}

const DEFAULT_SIDE = 224;
/** Values of an input, 4096 x 4096 in colour and more: beyond it is a mistake in the file or the card, and would fill the memory. */
const MAX_INPUT_VALUES = 2 ** 26;

function checkInputSize(path: string, values: number, width: number, height: number): void {
  if (values <= MAX_INPUT_VALUES) return;
  throw new FoveaError(
    'model-unsupported',
    `${path}: its input of ${width} x ${height} pixels is larger than Fovea takes (${MAX_INPUT_VALUES} values)`,
    'Check the input size in the model and its card.',
  );
}

/**
 * Opens a model with its card and labels.
 * @throws FoveaError `model-…`, `card-…`, `labels-…`, `device-…`
 */
export async function openModel(request: ModelRequest): Promise<{ network: Network; model: OpenedModel }> {
  const path = resolve(request.path);
  const { device = 'cpu' } = request;
  await checkDevice(device);
  const card = await readCard(path);
  const digest = fileDigest(path);
  // A missing file is reported by the opening below; the digest's own failure must not go unhandled meanwhile.
  digest.catch(() => undefined);
  let preset = card ? null : (request.preset ?? null);
  let preprocessing: Preprocessing | undefined;
  const network = await Network.open(path, (file, graph) => {
    if (card) checkCard(card, withOutput(file, card), cardPath(path));
    preset ??= card ? null : defaultPreset(file, graph);
    const { colours, decoding } = request.pixels ?? {};
    preprocessing = {
      ...(card?.input ?? presetPreprocessing(preset!, inputOf(file))),
      ...(colours ? { colours } : {}),
      ...(decoding ? { decoding } : {}),
    };
    const { height, width } = preprocessing;
    checkInputSize(path, channelCount(preprocessing) * height * width, width, height);
    return {
      threads: request.threads ?? 1,
      ...(request.secondRounding ? { secondRounding: true } : {}),
      ...(device === 'cpu' ? {} : { device }),
      inputSize: { channels: channelCount(preprocessing), height, width },
      ...(card ? { outputName: card.output.name, layout: card.input.layout } : {}),
    };
  });
  try {
    // A single score tells two classes apart.
    const classes = Math.max(2, network.scoreCount);
    const labels = card ? await readLabels(path, card, classes) : [];
    const signature = card ? withOutput(network.file, card) : network.file.signature;
    return {
      network,
      model: {
        path,
        sha256: await digest,
        bytes: network.file.bytes,
        externalFiles: network.file.externalFiles,
        signature,
        card,
        preprocessing: preprocessing!,
        preset,
        outputKind: card?.output.kind ?? network.outputKind,
        labels,
        classes,
        layers: network.layers,
        leftOut: network.leftOut,
        remarks: remarksOn(network, card, preprocessing!),
        readsImage: network.readsImage,
        tensorOfLayer: network.tensorOfLayer,
        withoutActivation: network.classActivations.missing,
        opset: network.file.model.opset,
      },
    };
  } catch (error) {
    await network.close();
    throw error;
  }
}

/** Bytes go in as they are; else most networks were trained on ImageNet's mean and deviation. */
function defaultPreset(file: ModelFile, graph: GraphLayers): PreprocessingPreset {
  return file.inputType === 'uint8' || takesBytes(file, graph) ? 'bytes' : 'imagenet';
}

/** The network itself subtracts or divides by numbers that only suit values from 0 to 255. */
function takesBytes({ constants }: ModelFile, { normalises }: GraphLayers): boolean {
  return normalises.some(({ opType, inputs }) => {
    const values = inputs.flatMap((input) => constants.of(input)?.values ?? []);
    if (values.length === 0) return false;
    const largest = Math.max(...values.map(Math.abs));
    if (opType === 'Mul') return largest > 0 && largest <= 1 / 50;
    return (opType === 'Sub' || opType === 'Div' || opType === 'Add') && largest >= 20;
  });
}

function remarksOn(network: Network, card: ModelCard | null, { decoding }: Preprocessing): string[] {
  const { file, normalises, outputKind, tensors, layers, tensorOfLayer } = network;
  const remarks: string[] = [];
  if (decoding === 'fast')
    remarks.push(
      'Large photos are shrunk while they are decoded: their pixels, and some answers, are not those of full decoding.',
    );
  if (file.outputChoice && !card) remarks.push(`Output ${file.outputChoice}.`);
  if (normalises.length > 0)
    remarks.push(
      `The network normalises its input itself (${few(normalises.map(({ name, op }) => `${op} ${name}`))}): the preprocessing must not do it again.`,
    );
  if (card && card.output.kind !== outputKind)
    remarks.push(`The card says that the scores are ${card.output.kind}; those of a run look like ${outputKind}.`);
  const unplaced = layers.filter((_, layer) => tensors[tensorOfLayer[layer]!]!.unplaced).map(({ name }) => name);
  if (unplaced.length > 0)
    remarks.push(
      `The inputs of ${few(unplaced)} have rows that stand for no place of the image: they get the highest level throughout.`,
    );
  return remarks;
}

function few(names: readonly string[]): string {
  return names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ');
}

/** A card may choose among several outputs; the shape it is held against is that output's. */
function withOutput(file: ModelFile, card: ModelCard): ModelSignature {
  const output = file.model.outputs.find((value) => value.name === card.output.name);
  if (!output) return file.signature;
  return { ...file.signature, outputName: output.name, outputShape: output.shape ?? [] };
}

function inputOf(file: ModelFile) {
  const [, ...sizes] = file.signature.inputShape;
  const [channels, height, width] = file.layout === 'NCHW' ? sizes : [sizes[2], sizes[0], sizes[1]];
  const channelCount: 1 | 3 = channels === 1 ? 1 : 3;
  return { layout: file.layout, channelCount, height: height ?? DEFAULT_SIDE, width: width ?? DEFAULT_SIDE };
}
