import type { Device } from '../../src-shared/device.ts';
import { randomGenerator } from '../../src-shared/importance/random.ts';
import type { LayerGeometry, LeftOutLayer } from '../../src-shared/measurement.ts';
import type { OutputKind } from '../../src-shared/model-card.ts';
import { bitsOfTensors, foundLevels, type PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { ModelFile } from '../onnx/model-file.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import { computedWeights, withClusteredWeights } from './clustered-weights.ts';
import type { GraphLayers } from './graph-layers.ts';
import { rewriteGraph } from './graph-rewrite.ts';
import { macsOf } from './left-out.ts';
import { levelsAt, type PlannedImage } from './level-maps.ts';
import { geometryOf, inputDims, type LearntShapes, type NetworkOptions } from './network-shapes.ts';
import { findsLevels, type RewriteOptions } from './rewrite-options.ts';
import { positionsOf, type TensorShape } from './tensor-place.ts';
import { weightValues, type WeightValues } from './weight-values.ts';

/** What a network is known by. */
export interface NetworkParts {
  readonly file: ModelFile;
  /** What the chosen output needs of the file's model. */
  readonly model: OnnxModel;
  readonly graph: GraphLayers;
  readonly options: NetworkOptions;
  readonly shapes: LearntShapes;
  /** Of one image: how many, and what they are. */
  readonly scores: { readonly count: number; readonly kind: OutputKind };
}

/** A network with all that is known of it without a run, the bits that plans give it, and its graph rewritten for them. */
export class KnownNetwork {
  readonly file: ModelFile;
  readonly model: OnnxModel;
  readonly graph: GraphLayers;
  readonly options: NetworkOptions;
  readonly layers: readonly LayerGeometry[];
  readonly tensors: readonly TensorShape[];
  /** By layer: index of the tensor it reads. */
  readonly tensorOfLayer: readonly number[];
  /** What multiplies and is no layer. */
  readonly leftOut: readonly LeftOutLayer[];
  readonly outputName: string;
  /** Scores of an image: one a class, or a single one for two classes. */
  readonly scoreCount: number;
  /** What the scores are, by those of a run. */
  readonly outputKind: OutputKind;
  readonly #tensorBits = new WeakMap<PrecisionPlan, readonly (readonly number[])[]>();
  /** By levels, which tensors of one size share. */
  readonly #bitMaps = new WeakMap<Uint8Array, Map<string, Uint8Array>>();
  readonly #uniformMaps = new Map<string, Uint8Array>();
  #computed: ReadonlyMap<string, WeightValues> | undefined;

  constructor({ file, model, graph, options, shapes, scores }: NetworkParts) {
    this.file = file;
    this.model = model;
    this.graph = graph;
    this.options = options;
    this.outputName = model.outputs[0]!.name;
    this.scoreCount = scores.count;
    this.outputKind = scores.kind;
    this.tensors = shapes.tensors;
    this.tensorOfLayer = graph.layers.map((layer) => layer.tensor);
    this.layers = graph.layers.map((layer) => geometryOf(layer, this.tensors[layer.tensor]!, shapes.dims));
    this.leftOut = graph.leftOut.map(({ name, op, why, node }) => ({
      name,
      op,
      macs: node && macsOf(node, (tensor) => shapes.dims.get(tensor)),
      why,
    }));
  }

  /** What it runs on. */
  get device(): Device {
    return this.options.device ?? 'cpu';
  }

  get inputName(): string {
    return this.file.signature.inputName;
  }

  /** Values of one image's input tensor. */
  get inputLength(): number {
    const { channels, height, width } = this.options.inputSize;
    return channels * height * width;
  }

  /** Names and operators of the nodes that normalise the image inside the network. */
  get normalises(): readonly { readonly name: string; readonly op: string }[] {
    return this.graph.normalises.map((node) => ({ name: node.name || node.outputs[0]!, op: node.opType }));
  }

  /** By layer: whether it reads the image itself. */
  get readsImage(): readonly boolean[] {
    return this.graph.layers.map((layer) => this.graph.tensors[layer.tensor]!.readsImage);
  }

  /** Images that are none, one a seed: what a network makes of them tells what kind its scores are, and whether graphs give the same. */
  noise(...seeds: readonly number[]): Float32Array {
    const { inputLength } = this;
    const random = seeds.map((seed) => randomGenerator(seed));
    return new Float32Array(seeds.length * inputLength).map((_, at) => {
      const next = random[Math.floor(at / inputLength)]!();
      return this.file.inputType === 'uint8' ? Math.floor(next * 256) : next * 4 - 2;
    });
  }

  /** By tensor: whether its values are never negative. */
  isUnsigned(tensor: number): boolean {
    return this.graph.tensors[tensor]!.unsigned;
  }

  /** By tensor: whether the graph can find levels in it. */
  findsLevels(tensor: number): boolean {
    return findsLevels(this.graph.tensors[tensor]!, this.tensors[tensor]!);
  }

  /** The layers' bits by level under a plan; layers that share a tensor get the most any of them asks for. */
  tensorBits(plan: PrecisionPlan): readonly (readonly number[])[] {
    const known = this.#tensorBits.get(plan);
    if (known) return known;
    const bits = bitsOfTensors(plan, this);
    this.#tensorBits.set(plan, bits);
    return bits;
  }

  /** The level of each position of a tensor, in the tensor's order; of levels that are still to be found, some that have their shares. */
  levelsOf(tensor: number, image: PlannedImage): Uint8Array {
    const { plan, found } = image;
    if (foundLevels(plan) && !this.findsLevels(tensor))
      return new Uint8Array(positionsOf(this.tensors[tensor]!)).fill(plan.bits.length - 1);
    return found?.[tensor] ?? levelsAt(image, this.tensors[tensor]!);
  }

  /** The bits of each position of a tensor under one image's plan; not to be altered, since tensors of one size share them. */
  bitsOf(tensor: number, image: PlannedImage): Uint8Array {
    const bits = this.tensorBits(image.plan)[tensor]!;
    const [lowest] = bits;
    if (bits.every((width) => width === lowest)) return this.uniformBits(tensor, lowest!);
    const levels = this.levelsOf(tensor, image);
    const known = this.#bitMaps.get(levels) ?? new Map<string, Uint8Array>();
    this.#bitMaps.set(levels, known);
    const key = bits.join(' ');
    const map = known.get(key) ?? levels.map((level) => bits[level]!);
    known.set(key, map);
    return map;
  }

  /** The same bits at each position of a tensor; as {@link bitsOf}, not to be altered. */
  uniformBits(tensor: number, bits: number): Uint8Array {
    const positions = positionsOf(this.tensors[tensor]!);
    const key = `${positions} ${bits}`;
    const map = this.#uniformMaps.get(key) ?? new Uint8Array(positions).fill(bits);
    this.#uniformMaps.set(key, map);
    return map;
  }

  /** The rewritten model: to be run, or to be exported. */
  async rewritten(options: RewriteOptions): Promise<OnnxModel> {
    const shapes = { image: inputDims(this.file, this.options, 1).slice(1), tensors: this.tensors };
    const { weightBits } = options;
    if (weightBits === null) return rewriteGraph(this.model, this.graph, shapes, options);
    this.#computed ??= await weightValues(this, computedWeights(this.file, this.model, this.graph));
    const { model, graph } = withClusteredWeights(this.file, this.model, this.graph, weightBits, this.#computed);
    return rewriteGraph(model, graph, shapes, options);
  }
}
