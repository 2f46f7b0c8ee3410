import { FoveaError } from '../../src-shared/errors.ts';
import type { ConstantValues } from '../onnx/constant-values.ts';
import { attributesOf, isStandard } from '../onnx/onnx-node.ts';
import type { OnnxModel, OnnxNode } from '../onnx/onnx-schema.ts';
import { isPassing, RESHAPING } from './tensor-facts.ts';

/**
 * What a class-activation map is made of (Zhou et al., "Learning Deep Features for Discriminative Localization", CVPR 2016): the last
 * feature map, whose mean over all positions the scores are a linear function of.
 */
export interface ClassActivation {
  /** Name of the tensor of the feature map: images, channels, rows, columns; or with channels last. */
  readonly features: string;
  readonly channelsLast: boolean;
  /** Rows and columns that the pool covers; null: all there are. */
  readonly pooled: readonly [number, number] | null;
  /** What the scores weigh the channels by; null where each channel is the score of its own class. */
  readonly weights: ClassWeights | null;
}

export interface ClassWeights {
  readonly name: string;
  /** Stand as classes x channels, else channels x classes. */
  readonly byClass: boolean;
}

/** Behind the scores' sums: what keeps their order, or moves them. */
const BEHIND_SCORES = new Set([...RESHAPING, 'Softmax', 'LogSoftmax', 'Sigmoid', 'Cast']);

/**
 * Finds what a network's class-activation map is made of: feature map, global average pool, then at most one linear layer.
 * @param model only what the output that classifies needs
 * @returns in words what stands in the way, where there is no such map
 */
export function classActivation(model: OnnxModel, constants: ConstantValues): ClassActivation | string {
  const producers = new Map(model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const behind = (name: string, passes: (node: OnnxNode) => boolean): OnnxNode | undefined => {
    let node = producers.get(name);
    while (node && isStandard(node) && passes(node)) node = producers.get(node.inputs[0] ?? '');
    return node;
  };
  const moves = ({ opType }: OnnxNode) => RESHAPING.has(opType);
  let node = behind(model.outputs[0]?.name ?? '', ({ opType }) => BEHIND_SCORES.has(opType));
  // A bias on its own, as MatMul has it.
  if (node?.opType === 'Add' && isStandard(node)) {
    const data = node.inputs.find(
      (input) => !model.constants.has(input) && producers.get(input)?.opType !== 'Constant',
    );
    node = behind(data ?? '', moves);
  }
  const weights = node && linearWeights(node, model);
  const before = weights ? node!.inputs[0]! : null;
  const pool = before === null ? node : behind(before, moves);
  if (!pool || !isStandard(pool)) return `its scores come from ${named(pool)}, not from a global average pool`;
  const covers = poolOf(pool, constants);
  if (covers === null)
    return `${weights ? `the layer ${named(node)} that gives its scores reads` : 'its scores come from'} ${named(pool)}, not a global average pool`;
  const features = skipPassing(pool.inputs[0]!, producers);
  return { features, ...covers, weights: weights ?? null };
}

/** @param reason see {@link classActivation} */
export function noClassActivation(path: string, reason: string): FoveaError {
  return new FoveaError(
    'model-unsupported',
    `${path}: metric saliency needs a class-activation map, and this network has none: ${reason}`,
    'Choose another metric, or give maps of your own with --metric given.',
  );
}

/** Scores are the sums over channels, each times a weight of the class. */
function linearWeights(node: OnnxNode, { constants }: OnnxModel): ClassWeights | null {
  const { opType, inputs } = node;
  if (!isStandard(node) || !constants.has(inputs[1] ?? '')) return null;
  const attributes = attributesOf(node);
  if (opType === 'Gemm')
    return attributes.get('transA') === 1 ? null : { name: inputs[1]!, byClass: attributes.get('transB') === 1 };
  if (opType === 'MatMul') return { name: inputs[1]!, byClass: false };
  // A convolution over the single position that a pool leaves; `pooled` maps have no other.
  const isPointwise =
    opType === 'Conv' &&
    String(attributes.get('kernel_shape') ?? '1,1') === '1,1' &&
    (attributes.get('group') ?? 1) === 1;
  return isPointwise ? { name: inputs[1]!, byClass: true } : null;
}

function poolOf(node: OnnxNode, constants: ConstantValues): Pick<ClassActivation, 'channelsLast' | 'pooled'> | null {
  const attributes = attributesOf(node);
  if (node.opType === 'GlobalAveragePool') return { channelsLast: false, pooled: null };
  if (node.opType === 'AveragePool') {
    const kernel = attributes.get('kernel_shape');
    const pads = attributes.get('pads');
    const isPadded = Array.isArray(pads) && pads.some((pad) => Number(pad) !== 0);
    return Array.isArray(kernel) && kernel.length === 2 && !isPadded
      ? { channelsLast: false, pooled: [Number(kernel[0]), Number(kernel[1])] }
      : null;
  }
  if (node.opType !== 'ReduceMean') return null;
  const own = attributes.get('axes') ?? constants.of(node.inputs[1] ?? '')?.values;
  const axes = Array.isArray(own) ? own.map((axis) => (Number(axis) + 4) % 4).sort((a, b) => a - b) : [];
  if (String(axes) === '2,3') return { channelsLast: false, pooled: null };
  return String(axes) === '1,2' ? { channelsLast: true, pooled: null } : null;
}

function skipPassing(name: string, producers: ReadonlyMap<string, OnnxNode>): string {
  const node = producers.get(name);
  return node && isPassing(node) ? skipPassing(node.inputs[0]!, producers) : name;
}

function named(node: OnnxNode | undefined): string {
  return node ? `${node.name || node.outputs[0]!} (${node.opType})` : 'its input';
}
