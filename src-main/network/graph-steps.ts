import type { GraphStep } from '../../src-shared/contract/models.ts';
import { attributesOf } from '../onnx/onnx-node.ts';
import type { OnnxModel, OnnxNode } from '../onnx/onnx-schema.ts';
import type { GraphLayer, GraphLayers } from './graph-layers.ts';

/** What becomes of every node of a network, in the order in which it runs; constants are no nodes that run. */
export function graphSteps(model: OnnxModel, { layers, leftOut, tensors }: GraphLayers): GraphStep[] {
  const layerOf = new Map(layers.map((layer) => [layer.node, layer]));
  const inside = leftOut.filter(({ node }) => node === null);
  const leftOutOf = new Map(leftOut.flatMap(({ node, name }) => (node ? [[node, name] as const] : [])));
  return model.nodes.flatMap((node): GraphStep[] => {
    if (node.opType === 'Constant') return [];
    const layer = layerOf.get(node);
    const left = leftOutOf.get(node);
    const own: GraphStep =
      left !== undefined
        ? { kind: 'left-out', name: left }
        : layer
          ? {
              kind: 'layer',
              name: layer.name,
              unsigned: tensors[layer.tensor]!.unsigned,
              operator: operatorText(layer),
            }
          : { kind: 'passed', op: node.opType };
    const within = inside.length === 0 ? [] : inside.filter(({ name }) => name.startsWith(`${wantedName(node)}/`));
    return [own, ...within.map(({ name }): GraphStep => ({ kind: 'left-out', name }))];
  });
}

const wantedName = (node: OnnxNode) => node.name || node.outputs[0]!;

function operatorText({ op, node, weight }: GraphLayer): string {
  if (op !== 'Conv') return op;
  const attributes = attributesOf(node);
  const sizes = (name: string) => {
    const value = attributes.get(name);
    return Array.isArray(value) ? value.map(Number) : null;
  };
  const kernel = sizes('kernel_shape') ?? weight.dims?.slice(2) ?? [];
  const stride = sizes('strides')?.find((step) => step > 1);
  const group = Number(attributes.get('group') ?? 1);
  return [
    `Conv ${kernel.join('×')}`.trim(),
    ...(stride ? [`/${stride}`] : []),
    ...(group > 1 ? [`in ${group}`] : []),
  ].join(' ');
}
