import { resolve } from 'node:path';
import type { LayerGeometry } from '../../../src-shared/measurement.ts';
import { checkCard, type ModelCard, type ModelSignature } from '../../../src-shared/model-card.ts';
import {
  channelCount,
  presetPreprocessing,
  type Preprocessing,
  type PreprocessingPreset,
} from '../../../src-shared/preprocessing.ts';
import { cardPath, readCard, readLabels } from '../../models/model-card-file.ts';
import { fileDigest } from '../../files/digest.ts';
import type { ModelFile } from '../../onnx/model-file.ts';
import { Network } from '../../network/network.ts';

/** What an engine is asked to open. */
export interface ModelRequest {
  /** Absolute. */
  readonly path: string;
  /** Preprocessing when no card lies beside the model; the card decides where there is one. Default: `imagenet`. */
  readonly preset?: PreprocessingPreset;
  /** Threads of inference. Default: 1. */
  readonly threads?: number;
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
  readonly outputKind: 'probabilities' | 'logits';
  /** By class; empty where there is no list of them. */
  readonly labels: readonly string[];
  readonly classes: number;
  readonly layers: readonly LayerGeometry[];
  /** By layer: whether it reads the image itself. */
  readonly readsImage: readonly boolean[];
  /** By layer: which quantised tensor it reads. Layers that read the same one get the most bits any of them asks for. */
  readonly tensorOfLayer: readonly number[];
  readonly opset: number;
}

const DEFAULT_SIDE = 224;

/**
 * Opens a model with its card and labels.
 * @throws FoveaError `model-…`, `card-…`, `labels-…`
 */
export async function openModel(request: ModelRequest): Promise<{ network: Network; model: OpenedModel }> {
  const path = resolve(request.path);
  const card = await readCard(path);
  const digest = fileDigest(path);
  // A missing file is reported by the opening below; the digest's own failure must not go unhandled meanwhile.
  digest.catch(() => undefined);
  const preset = card ? null : (request.preset ?? 'imagenet');
  let preprocessing: Preprocessing | undefined;
  const network = await Network.open(path, (file) => {
    if (card) checkCard(card, withOutput(file, card), cardPath(path));
    preprocessing = card?.input ?? presetPreprocessing(preset!, inputOf(file));
    const { height, width } = preprocessing;
    return {
      threads: request.threads ?? 1,
      inputSize: { channels: channelCount(preprocessing), height, width },
      ...(card ? { outputName: card.output.name } : {}),
    };
  });
  try {
    const labels = card ? await readLabels(path, card, network.classes) : [];
    return {
      network,
      model: {
        path,
        sha256: await digest,
        bytes: network.file.bytes,
        externalFiles: network.file.externalFiles,
        signature: network.file.signature,
        card,
        preprocessing: preprocessing!,
        preset,
        outputKind: card?.output.kind ?? network.outputKind,
        labels,
        classes: network.classes,
        layers: network.layers,
        readsImage: network.readsImage,
        tensorOfLayer: network.tensorOfLayer,
        opset: network.file.model.opset,
      },
    };
  } catch (error) {
    await network.close();
    throw error;
  }
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
