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

  const behind = (type: string, by: Given): Given =>
    new Map([...given(type)].filter(([, { inputs }]) => inputs.some((name) => isGiven(name, by))));

  const padded = given('Pad');
  const powers = given('Pow');
  const divided = given('Div');
  const turned = given('Transpose');
  const turnedOrCut = given('Transpose', 'Reshape');
  const means = given('ReduceMean');
  const lessMean = behind('Sub', means);
  const sums = given('Add');
  const scales = given('Mul');
  const integerProducts = behind('Cast', given('MatMulInteger'));
  const dynamic = given('DynamicQuantizeLinear');
  const mayDifferByRow = (scale: string) => !isGiven(scale, dynamic) && (rankOf(model, scale) ?? 2) > 1;
  const unsound: readonly (readonly [name: string, does: boolean])[] = [
    // Of two pairs of quantisers in a row the coarser is dropped.
    ['DoubleQDQPairsRemover', true],
    // A Pad before a MaxPool goes into the pool, whose padding is minus infinity. Before a convolution it is right, and saves a pass.
    ['Pad_Fusion', of('MaxPool').some(({ inputs }) => isGiven(inputs[0], padded))],
    // x - mean over the root of the mean of any power is taken for layer normalisation, and so are mean - x and what is divided by either.
    [
      'LayerNormFusionL1;LayerNormFusionL2',
      of('ReduceMean').some(
        ({ inputs: [x] }) => isGiven(x, powers) && constants.scalar(powers.get(x!)!.inputs[1]) !== 2,
      ) ||
        of('Sub').some(({ inputs }) => isGiven(inputs[0], means)) ||
        of('Div').some(({ inputs }) => isGiven(inputs[1], lessMean)),
    ],
    // Behind an addition the last axis alone is normalised, whichever the first one is.
    [
      'SkipLayerNormFusion',
      of('LayerNormalization').some(
        (node) => isGiven(node.inputs[0], sums) && Number(attributesOf(node).get('axis') ?? -1) !== -1,
      ),
    ],
    // What normalises the rows of a product that was turned or cut anew is multiplied into its columns.
    [
      'MatMul_BatchNormalization_Fusion',
      of('BatchNormalization').some(({ inputs }) => isGiven(inputs[0], turnedOrCut)),
    ],
    // The bias is added before a scale of each row is multiplied with. One of each column, or of all, goes along.
    [
      'MatMulIntegerToFloatFusion',
      of('Mul').some(
        ({ inputs }) =>
          inputs.some((name) => isGiven(name, integerProducts)) &&
          inputs.some((name) => isGiven(name, scales) && scales.get(name)!.inputs.some(mayDifferByRow)),
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
    // Behind a Transpose that is moved, the axes of a Pad or Resize and the scales of blocks stay as they were.
    [
      'TransposeOptimizer;TransposeOptimizer_CPUExecutionProvider',
      turned.size > 0 &&
        (of('Pad').some(({ inputs }) => Boolean(inputs[3])) ||
          of('Resize').some((node) => attributesOf(node).has('axes')) ||
          hasBlocks(nodes)),
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
