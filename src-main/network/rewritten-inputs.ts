import type { Tensor } from 'onnxruntime-node';
import type { LayerRange } from '../../src-shared/precision/layer-range.ts';
import type { PrecisionPlan } from '../../src-shared/precision/precision-plan.ts';
import type { KnownNetwork } from './known-network.ts';
import { plannedFeeds } from './network-inputs.ts';
import { inputNames, rewriteOptionsOf } from './rewrite-options.ts';

/** What a rewritten model is fed beside the image, for one plan. */
export interface RewrittenInputs {
  /** float32 scalars, by input name. */
  readonly constants: Readonly<Record<string, number>>;
  readonly tensors: readonly RewrittenTensor[];
}

/** The inputs that set the bits of one quantised tensor. */
export interface RewrittenTensor {
  /** int32: index into the tables at each position; `N` is the number of images of a batch. */
  readonly levels: { readonly name: string; readonly shape: readonly (number | string)[] };
  /** float32, by input name: what each level looks up for one image, least important first. */
  readonly tables: Readonly<Record<string, readonly number[]>>;
  /** By level, least important first. */
  readonly bits: readonly number[];
  /** Names of the layers that read the tensor. */
  readonly layers: readonly string[];
}

/**
 * @param ranges by tensor, the calibrated ranges; used with range `layer`
 */
export function rewrittenInputs(
  network: KnownNetwork,
  plan: PrecisionPlan,
  ranges: readonly LayerRange[] | null,
): RewrittenInputs {
  const images = network.file.fixedBatch ? 1 : 'N';
  const grid = { rows: plan.regions, columns: plan.regions };
  // One image of no importance anywhere: its table is the plan's, and its maps have the shapes of all.
  const image = { plan, grid, values: new Float32Array(grid.rows * grid.columns) };
  const feeds = plannedFeeds(network, { ...rewriteOptionsOf(plan, false), byLevel: true }, [image], ranges);
  const bits = network.tensorBits(plan);
  const ofTensor = (index: number) => Object.entries(feeds).filter(([name]) => name.endsWith(`.${index}`));
  return {
    constants: Object.fromEntries(
      Object.entries(feeds).flatMap(([name, tensor]) => (tensor.dims.length === 0 ? [[name, floats(tensor)[0]!]] : [])),
    ),
    tensors: network.tensors.map((_, index) => {
      const levels = inputNames.levels(index);
      const [, ...map] = feeds[levels]!.dims;
      return {
        levels: { name: levels, shape: [images, ...map] },
        tables: Object.fromEntries(
          ofTensor(index).flatMap(([name, tensor]) =>
            name !== levels && tensor.dims.length > 0 ? [[name, floats(tensor)]] : [],
          ),
        ),
        bits: bits[index]!,
        layers: network.layers.filter((_, layer) => network.tensorOfLayer[layer] === index).map((layer) => layer.name),
      };
    }),
  };
}

function floats({ data }: Tensor): number[] {
  return data instanceof Float32Array ? Array.from(data) : [];
}
