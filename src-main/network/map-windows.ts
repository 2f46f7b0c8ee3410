import { attributesOf, isStandard } from '../onnx/onnx-node.ts';
import type { OnnxModel, OnnxNode } from '../onnx/onnx-schema.ts';
import type { GraphLayers } from './graph-layers.ts';
import type { TensorShape } from './tensor-place.ts';

/** Positions along an axis of a map: the first, and how many. */
export interface Span {
  readonly first: number;
  readonly count: number;
}

/** A part of a map. */
export interface MapWindow {
  readonly rows: Span;
  readonly columns: Span;
}

/** What of a network has to be computed where a plan gives 0 bits around a part of the image. */
export interface NetworkWindow {
  /** Of the network's input. */
  readonly image: MapWindow;
  /** By quantised tensor that lies before the tail. */
  readonly tensors: ReadonlyMap<number, MapWindow>;
  /** Of the last map: around it every value is what zeros give, one a channel. */
  readonly tail: MapWindow;
  /** Tells windows of one network apart. */
  readonly key: string;
}

/**
 * The beginning of a network in which a value depends on what lies around its own place alone: convolutions, pools, and what works
 * value by value.
 */
export interface LocalPart {
  /** The last tensor of it, which all else of the network reads: a map, channels first. */
  readonly tail: string;
  readonly steps: readonly LocalStep[];
}

/** How a tensor of the local part comes from others. */
interface LocalStep {
  readonly result: string;
  readonly sources: readonly string[];
  /** Index of the quantised tensor that is read: zero wherever it has 0 bits. Null: values are read as they are. */
  readonly quantised: number | null;
  readonly rows: Reach;
  readonly columns: Reach;
}

/** Along an axis: what of its source a position of the result is made of. */
interface Reach {
  /** From the first to the last position read. */
  readonly extent: number;
  readonly stride: number;
  readonly padBefore: number;
  readonly padAfter: number;
  /** A last position may lie partly beyond the map. */
  readonly ceil: boolean;
}

const OWN_PLACE: Reach = { extent: 1, stride: 1, padBefore: 0, padAfter: 0, ceil: false };

/** Operators that work value by value, or across the channels of one position. */
const BY_PLACE = new Set([
  ...['Relu', 'Clip', 'LeakyRelu', 'PRelu', 'Elu', 'Selu', 'Sigmoid', 'HardSigmoid', 'HardSwish', 'Tanh', 'Softplus'],
  ...['Identity', 'Dropout', 'BatchNormalization', 'LRN', 'Add', 'Sub', 'Mul', 'Div', 'Sum', 'Neg', 'Abs', 'Sqrt'],
]);
const POOLS = new Set(['MaxPool', 'AveragePool']);

/**
 * @param image the input of the network
 * @returns null where nothing of the network is local, or what comes after reads more than the last local tensor
 */
export function localPart(model: OnnxModel, { layers, tensors }: GraphLayers, image: string): LocalPart | null {
  const layerOf = new Map(layers.map((layer) => [layer.node, layer]));
  const local = new Set([image]);
  const steps: LocalStep[] = [];
  let isOver = false;
  for (const node of model.nodes) {
    const sources = node.inputs.filter((input) => local.has(input));
    if (sources.length === 0) continue;
    const layer = layerOf.get(node);
    const reaches = reachesOf(node, layer !== undefined);
    isOver ||= reaches === null;
    // What comes later has to read the last local tensor alone, see below.
    if (isOver || !reaches) break;
    const result = node.outputs[0]!;
    local.add(result);
    const [rows, columns] = reaches;
    // Between a quantised tensor and its layer values only pass.
    const from = layer ? [tensors[layer.tensor]!.name] : sources;
    steps.push({ result, sources: from, quantised: layer?.tensor ?? null, rows, columns });
  }
  const tail = steps.at(-1)?.result;
  if (tail === undefined) return null;
  const inside = new Set(steps.map(({ result }) => result).concat(image));
  const after = model.nodes.filter(({ outputs }) => !outputs.some((output) => inside.has(output)));
  const reads = (name: string) =>
    after.some(({ inputs, captured }) => inputs.includes(name) || captured.includes(name));
  const isOutput = (name: string) => model.outputs.some((output) => output.name === name);
  return [...inside].every((name) => name === tail || (!reads(name) && !isOutput(name))) ? { tail, steps } : null;
}

/** Along rows and columns, or null of a node that is not local. @param isLayer its zeros may be left out */
function reachesOf(node: OnnxNode, isLayer: boolean): readonly [Reach, Reach] | null {
  if (!isStandard(node)) return null;
  const { opType } = node;
  if (BY_PLACE.has(opType)) return [OWN_PLACE, OWN_PLACE];
  const attributes = attributesOf(node);
  if (opType === 'Concat') return attributes.get('axis') === 1 ? [OWN_PLACE, OWN_PLACE] : null;
  if (!(opType === 'Conv' && isLayer) && !POOLS.has(opType)) return null;
  if ((attributes.get('auto_pad') ?? 'NOTSET') !== 'NOTSET') return null;
  const list = (name: string, otherwise: readonly number[]) => {
    const value = attributes.get(name);
    return Array.isArray(value) ? value.map(Number) : otherwise;
  };
  const kernel = list('kernel_shape', []);
  if (kernel.length !== 2) return null;
  const [strides, dilations, pads] = [list('strides', [1, 1]), list('dilations', [1, 1]), list('pads', [0, 0, 0, 0])];
  const along = (axis: number): Reach => ({
    extent: (kernel[axis]! - 1) * dilations[axis]! + 1,
    stride: strides[axis]!,
    padBefore: pads[axis]!,
    padAfter: pads[axis + 2]!,
    ceil: attributes.get('ceil_mode') === 1,
  });
  return [along(0), along(1)];
}

/**
 * The smallest window from which the network gives what it gives of the whole image.
 * @param size of the network's input
 * @param bitsOf a quantised tensor's bits by position
 * @returns null where all has to be computed
 */
export function networkWindow(
  part: LocalPart,
  image: { readonly name: string; readonly height: number; readonly width: number },
  tensors: readonly TensorShape[],
  bitsOf: (tensor: number) => Uint8Array,
): NetworkWindow | null {
  const read = [...new Set(part.steps.flatMap(({ quantised }) => quantised ?? []))];
  const isPlain = ({ dims, channelAxes }: TensorShape) => dims.length === 4 && dims[0] === 1 && channelAxes[0] === 1;
  if (read.length === 0 || !read.every((tensor) => isPlain(tensors[tensor]!))) return null;
  const boxes = new Map(read.map((tensor) => [tensor, boxOf(bitsOf(tensor), tensors[tensor]!.width)]));
  const along = (axis: 'rows' | 'columns', size: number): Spans | null => {
    const length = (tensor: number) => (axis === 'rows' ? tensors[tensor]!.height : tensors[tensor]!.width);
    const whole = spansFrom(part, image.name, axis, { first: 0, count: size });
    if (!whole || read.some((tensor) => whole.get(nameOf(part, tensor))!.count !== length(tensor))) return null;
    const kept = new Map([...boxes].map(([tensor, box]) => [tensor, box[axis]]));
    const isRight = (span: Span) => {
      const spans = spansFrom(part, image.name, axis, span);
      return spans !== null && holds(part, axis, spans, whole, kept);
    };
    // As far from the beginning as may be, and then as short.
    let first = size - 1;
    while (first > 0 && !isRight({ first, count: size - first })) first--;
    let count = 1;
    while (count < size - first && !isRight({ first, count })) count++;
    return spansFrom(part, image.name, axis, { first, count });
  };
  const [rows, columns] = [along('rows', image.height), along('columns', image.width)];
  if (!rows || !columns) return null;
  const windowOf = (name: string): MapWindow => ({ rows: rows.get(name)!, columns: columns.get(name)! });
  const own = windowOf(image.name);
  if (own.rows.count === image.height && own.columns.count === image.width) return null;
  return {
    image: own,
    tensors: new Map(read.map((tensor) => [tensor, windowOf(nameOf(part, tensor))])),
    tail: windowOf(part.tail),
    key: JSON.stringify(own),
  };
}

/** What is computed of each tensor along an axis, by name. */
type Spans = ReadonlyMap<string, Span>;

const nameOf = ({ steps }: LocalPart, tensor: number) =>
  steps.find(({ quantised }) => quantised === tensor)!.sources[0]!;

/** @returns null where the steps do not meet: a map would not begin at a whole position, or be empty, or two would be of different sizes */
function spansFrom({ steps }: LocalPart, image: string, axis: 'rows' | 'columns', own: Span): Spans | null {
  const spans = new Map([[image, own]]);
  for (const step of steps) {
    const [span, ...others] = step.sources.map((source) => spans.get(source)!);
    const { extent, stride, padBefore, padAfter, ceil } = step[axis];
    if (others.some(({ first, count }) => first !== span!.first || count !== span!.count)) return null;
    const steps = (span!.count + padBefore + padAfter - extent) / stride;
    const count = 1 + (ceil ? Math.ceil(steps) : Math.floor(steps));
    const first = span!.first / stride;
    if (count < 1 || !Number.isInteger(first)) return null;
    spans.set(step.result, { first, count });
  }
  return spans;
}

/** From the first to the last position; empty where the last comes before the first. */
type Range = readonly [first: number, last: number];
const EMPTY: Range = [0, -1];
const common = (one: Range, other: Range): Range => [Math.max(one[0], other[0]), Math.min(one[1], other[1])];
const isEmpty = ([first, last]: Range) => last < first;
const lies = (inner: Range, outer: Range) => isEmpty(inner) || (inner[0] >= outer[0] && inner[1] <= outer[1]);
const rangeOf = ({ first, count }: Span): Range => [first, first + count - 1];

/**
 * Whether every value that is computed is that of the whole network, and every other one of the tail is what zeros give.
 * @param kept by quantised tensor, what has bits
 */
function holds(
  { steps, tail }: LocalPart,
  axis: 'rows' | 'columns',
  spans: Spans,
  whole: Spans,
  kept: ReadonlyMap<number, Range>,
): boolean {
  // By tensor: what may differ from what zeros give.
  const filled = new Map<string, Range>();
  for (const { result, sources, quantised, ...reaches } of steps) {
    const { extent, stride, padBefore } = reaches[axis];
    const source = sources[0]!;
    const [there, all, made] = [rangeOf(spans.get(source)!), rangeOf(whole.get(source)!), rangeOf(spans.get(result)!)];
    const read: Range = [made[0] * stride - padBefore, made[1] * stride - padBefore + extent - 1];
    const holding = sources.reduce<Range>((sum, name) => joined(sum, filled.get(name) ?? all), EMPTY);
    const filling = quantised === null ? holding : kept.get(quantised)!;
    if (!lies(common(read, quantised === null ? all : filling), there)) return false;
    const reached: Range = [
      Math.ceil((filling[0] + padBefore - extent + 1) / stride),
      Math.floor((filling[1] + padBefore) / stride),
    ];
    filled.set(result, isEmpty(filling) ? EMPTY : common(reached, rangeOf(whole.get(result)!)));
  }
  return lies(filled.get(tail)!, rangeOf(spans.get(tail)!));
}

function joined(one: Range, other: Range): Range {
  if (isEmpty(one)) return other;
  return isEmpty(other) ? one : [Math.min(one[0], other[0]), Math.max(one[1], other[1])];
}

/** What holds all positions that have bits. */
function boxOf(bits: Uint8Array, width: number): { readonly rows: Range; readonly columns: Range } {
  let rows: Range = EMPTY;
  let columns: Range = EMPTY;
  bits.forEach((own, position) => {
    if (own === 0) return;
    const [row, column] = [Math.floor(position / width), position % width];
    rows = joined(rows, [row, row]);
    columns = joined(columns, [column, column]);
  });
  return { rows, columns };
}
