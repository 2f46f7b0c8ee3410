import { z } from 'zod';
import { sourced } from './accelerators/parameters.ts';
import { FoveaError } from '../errors.ts';
import { invalidField } from '../invalid-field.ts';
import type { LayerGeometry } from '../measurement.ts';

const size = z.int().positive();
const window = {
  kernel: size,
  stride: size.default(1),
  pad: z.int().min(0).default(0),
  /** The node read; default: the one before. */
  from: z.string().exactOptional(),
};
const several = z.array(z.string()).min(2);

/** One node; its first key says what it is and holds its name. Windows are square. A linear node flattens what it reads. */
const nodeSchema = z.union([
  z.strictObject({
    conv: z.string(),
    filters: size,
    groups: size.default(1),
    /** Layers that share one entry of a published precision profile. */
    profileGroup: z.string().exactOptional(),
    ...window,
  }),
  z.strictObject({ pool: z.string(), ceil: z.boolean().default(false), ...window }),
  z.strictObject({ globalPool: z.string() }),
  z.strictObject({ linear: z.string(), outputs: size }),
  z.strictObject({ add: z.string(), from: several }),
  z.strictObject({ concat: z.string(), from: several }),
]);
type Node = z.infer<typeof nodeSchema>;

const networkSchema = z.strictObject({
  id: z.string().min(1),
  name: z.string().min(1),
  source: z.string().min(1),
  /** Channels, height, width. */
  input: z.tuple([size, size, size]),
  /** Parameters of a filter beside its weights: 1, a bias; 2, the scale and shift of a batch normalisation. */
  parametersPerFilter: z.int().min(0).max(2),
  /** Mean share of one-bits in activations of a width (0..1), where a paper gives it. */
  oneBitShares: z.array(z.strictObject({ bits: size, value: z.number().min(0).max(1), ...sourced })).default([]),
  layers: z.array(nodeSchema).min(1),
});

export type OneBitShare = z.infer<typeof networkSchema>['oneBitShares'][number];

export interface NetworkLayer extends LayerGeometry {
  readonly profileGroup?: string;
}

/** A network without weights: what can be priced from geometry alone. */
export interface Network {
  readonly id: string;
  readonly name: string;
  readonly source: string;
  readonly input: readonly [number, number, number];
  readonly layers: readonly NetworkLayer[];
  readonly macs: number;
  readonly parameters: number;
  readonly oneBitShares: readonly OneBitShare[];
}

type Shape = readonly [number, number, number];

/**
 * Reads a network's description and works out shapes, MACs and parameters.
 * @param origin the file, for messages
 * @throws FoveaError `network-invalid` naming the field or the node
 */
export function parseNetwork(value: unknown, origin: string): Network {
  const fail = (fault: string): never => {
    throw new FoveaError(
      'network-invalid',
      `network ${origin}: ${fault}`,
      'Compare it with one of resources/networks.',
    );
  };
  const parsed = networkSchema.safeParse(value);
  if (!parsed.success) return fail(invalidField(parsed.error, value));
  const { id, name, source, input, parametersPerFilter, oneBitShares } = parsed.data;

  const shapes = new Map<string, Shape>();
  const layers: NetworkLayer[] = [];
  let parameters = 0;
  let before: Shape = input;
  const shapeOf = (node: string): Shape => shapes.get(node) ?? fail(`node "${node}" is read before it is described`);
  for (const node of parsed.data.layers) {
    const nodeName = nameOf(node);
    if (shapes.has(nodeName)) fail(`two nodes are called "${nodeName}"`);
    if ('add' in node) {
      const [first, ...rest] = node.from.map(shapeOf);
      if (rest.some((shape) => shape.join() !== first!.join())) fail(`node "${nodeName}" adds different shapes`);
      before = first!;
    } else if ('concat' in node) {
      const [first, ...rest] = node.from.map(shapeOf);
      if (rest.some((shape) => shape[1] !== first![1] || shape[2] !== first![2]))
        fail(`node "${nodeName}" joins maps of different sizes`);
      before = [first![0] + rest.reduce((sum, shape) => sum + shape[0], 0), first![1], first![2]];
    } else if ('globalPool' in node) {
      before = [before[0], 1, 1];
    } else if ('pool' in node) {
      const from = node.from === undefined ? before : shapeOf(node.from);
      before = [from[0], pooledSize(from[1], node), pooledSize(from[2], node)];
    } else {
      const from = 'conv' in node && node.from !== undefined ? shapeOf(node.from) : before;
      if ('conv' in node && (from[0] % node.groups !== 0 || node.filters % node.groups !== 0))
        fail(`node "${nodeName}": ${node.groups} groups do not divide ${from[0]} channels and ${node.filters} filters`);
      const layer = 'conv' in node ? convolution(node, from) : linear(node, from);
      layers.push(layer);
      parameters += layer.weights + layer.outputShape[0] * ('conv' in node ? parametersPerFilter : 1);
      before = layer.outputShape;
    }
    if (before.some((extent) => extent < 1)) fail(`node "${nodeName}" leaves nothing of its input`);
    shapes.set(nodeName, before);
  }
  const macs = layers.reduce((sum, layer) => sum + layer.macs, 0);
  return { id, name, source, input, layers, macs, parameters, oneBitShares };
}

function nameOf(node: Node): string {
  if ('conv' in node) return node.conv;
  if ('pool' in node) return node.pool;
  if ('globalPool' in node) return node.globalPool;
  if ('linear' in node) return node.linear;
  return 'add' in node ? node.add : node.concat;
}

function convolution(node: Extract<Node, { conv: string }>, from: Shape): NetworkLayer {
  const extent = (size: number) => Math.floor((size + 2 * node.pad - node.kernel) / node.stride) + 1;
  const outputShape: Shape = [node.filters, extent(from[1]), extent(from[2])];
  const weights = (node.filters * from[0] * node.kernel ** 2) / node.groups;
  return {
    name: node.conv,
    op: 'Conv',
    inputShape: from,
    outputShape,
    kernel: [node.kernel, node.kernel],
    groups: node.groups,
    macs: weights * outputShape[1] * outputShape[2],
    values: from[0] * from[1] * from[2],
    weights,
    ...(node.profileGroup === undefined ? {} : { profileGroup: node.profileGroup }),
  };
}

function linear(node: Extract<Node, { linear: string }>, from: Shape): NetworkLayer {
  const values = from[0] * from[1] * from[2];
  const weights = values * node.outputs;
  return {
    name: node.linear,
    op: 'Gemm',
    inputShape: from,
    outputShape: [node.outputs, 1, 1],
    kernel: [1, 1],
    groups: 1,
    macs: weights,
    values,
    weights,
  };
}

/** With `ceil`, a last window that would start in the padding is dropped (Caffe, PyTorch). */
function pooledSize(size: number, node: Extract<Node, { pool: string }>): number {
  const steps = (size + 2 * node.pad - node.kernel) / node.stride;
  if (!node.ceil) return Math.floor(steps) + 1;
  const pooled = Math.ceil(steps) + 1;
  return (pooled - 1) * node.stride >= size + node.pad ? pooled - 1 : pooled;
}
