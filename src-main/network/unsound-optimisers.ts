import type { ConstantValues } from '../onnx/constant-values.ts';
import { attributesOf, isStandard, tensorAttribute } from '../onnx/onnx-node.ts';
import type { OnnxModel, OnnxNode } from '../onnx/onnx-schema.ts';

/** Some nodes, by what they give. */
type Given = ReadonlyMap<string, OnnxNode>;

/**
 * Rewrites of ONNX Runtime 1.30 that would change what a model computes, by the names they are turned off by. All others stay: they are
 * what makes it fast.
 * @param constants of the model
 */
export function unsoundOptimisers(model: OnnxModel, constants: ConstantValues): string[] {
  const nodes = model.nodes.filter(isStandard);
  const of = (...types: string[]) => nodes.filter(({ opType }) => types.includes(opType));
  const given = (...types: string[]): Given =>
    new Map(of(...types).flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  const isGiven = (name: string | undefined, by: Given) => name !== undefined && by.has(name);

  const padded = given('Pad');
  const powers = given('Pow');
  const divided = given('Div');
  const turned = given('Transpose');
  const unsound: readonly (readonly [name: string, does: boolean])[] = [
    // Of two pairs of quantisers in a row the coarser is dropped.
    ['DoubleQDQPairsRemover', true],
    // A Pad before a MaxPool goes into the pool, whose padding is minus infinity. Before a convolution it is right, and saves a pass.
    ['Pad_Fusion', of('MaxPool').some(({ inputs }) => isGiven(inputs[0], padded))],
    // x - mean over the root of the mean of any power is taken for layer normalisation.
    [
      'LayerNormFusionL1;LayerNormFusionL2',
      of('ReduceMean').some(
        ({ inputs: [x] }) => isGiven(x, powers) && constants.scalar(powers.get(x!)!.inputs[1]) !== 2,
      ),
    ],
    // A matrix before a vector is multiplied as it was before its Transpose.
    [
      'MatmulTransposeFusion',
      of('MatMul').some(
        ({ inputs }) =>
          inputs.some((name) => isGiven(name, turned)) && inputs.some((name) => rankOf(model, name) === 1),
      ),
    ],
    // 1 / x times w becomes w / x, without the axes that the 1 had.
    [
      'DivMulFusion',
      of('Mul').some(({ inputs }) =>
        inputs.some((name) => isGiven(name, divided) && (rankOf(model, divided.get(name)!.inputs[0]) ?? 0) > 1),
      ),
    ],
    // Behind a Transpose that is moved, the axes of a Pad and the scales of blocks stay as they were.
    [
      'TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider',
      turned.size > 0 && (of('Pad').some(({ inputs }) => Boolean(inputs[3])) || hasBlocks(nodes)),
    ],
  ];
  return unsound.flatMap(([name, does]) => (does ? [name] : []));
}

const hasBlocks = (nodes: readonly OnnxNode[]) =>
  nodes.some(
    (node) =>
      /^(?:Dequantize|Quantize)Linear$/.test(node.opType) && Number(attributesOf(node).get('block_size') ?? 0) > 0,
  );

/** How many axes a tensor has, where the file says it. Hardly any is asked for, so nothing is made ready. */
function rankOf({ initializers, valueInfos, inputs, nodes }: OnnxModel, wanted?: string): number | undefined {
  const constant = nodes.find(({ opType, outputs }) => opType === 'Constant' && outputs[0] === wanted);
  const stored = (constant && tensorAttribute(constant)) ?? initializers.find(({ name }) => name === wanted);
  return stored ? stored.dims.length : [...valueInfos, ...inputs].find(({ name }) => name === wanted)?.shape?.length;
}
