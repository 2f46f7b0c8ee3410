import { builtinAccelerators } from '../../src-shared/energy/accelerators/builtin.ts';
import type { Analysis } from '../../src-shared/analysis.ts';
import type { Carrier } from '../../src-renderer/link/carrier.ts';
import type { EventName, EventOf, ParsedInputOf, ProcedureName, ResultOf } from '../../src-shared/contract/contract.ts';
import type { ImageEntry } from '../../src-shared/contract/images.ts';
import type { ModelDetails } from '../../src-shared/contract/models.ts';
import type { PageMessage } from '../../src-shared/contract/messages.ts';
import { estimateAll } from '../../src-shared/energy/energy.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { levelMap } from '../../src-shared/precision/level-map.ts';
import { partialSums, type LayerCounts, type LayerGeometry } from '../../src-shared/measurement.ts';
import { bitsOfLayer, resolvePlan, type PlanOptions } from '../../src-shared/precision/precision-plan.ts';
import { uniformCounts } from '../../src-shared/uniform-counts.ts';

export type Handlers = {
  [Name in ProcedureName]?: (
    input: ParsedInputOf<Name>,
    signal: AbortSignal,
  ) => ResultOf<Name> | Promise<ResultOf<Name>>;
};

/** The machine side of the contract, played in memory: answers by the handlers it is given, and remembers what was asked. */
export class FakeHost implements Carrier {
  readonly asked: { readonly procedure: ProcedureName; readonly input: unknown }[] = [];
  readonly cancelled: number[] = [];
  readonly #handlers: Handlers;
  readonly #running = new Map<number, AbortController>();
  #listeners: Parameters<Carrier['receive']>[0] = { message: () => {}, connection: () => {} };

  constructor(handlers: Handlers) {
    this.#handlers = handlers;
  }

  receive(listeners: Parameters<Carrier['receive']>[0]): void {
    this.#listeners = listeners;
  }

  send(message: PageMessage): void {
    if (message.kind === 'cancel') {
      this.cancelled.push(message.id);
      this.#running.get(message.id)?.abort();
      return;
    }
    void this.#answer(message.id, message.procedure as ProcedureName, message.input);
  }

  emit<Name extends EventName>(event: Name, value: EventOf<Name>): void {
    this.#listeners.message({ kind: 'event', event, value });
  }

  connection(connected: boolean, refused = false): void {
    this.#listeners.connection(connected, refused);
  }

  countOf(procedure: ProcedureName): number {
    return this.asked.filter((call) => call.procedure === procedure).length;
  }

  sendDropped(): ReturnType<Carrier['sendDropped']> {
    return Promise.resolve({ files: [{ path: '/photos/dropped.jpg' }], failed: [] });
  }

  sendFiles(): ReturnType<Carrier['sendFiles']> {
    return this.sendDropped();
  }

  async #answer(id: number, procedure: ProcedureName, input: unknown): Promise<void> {
    this.asked.push({ procedure, input });
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const handler = this.#handlers[procedure] as ((input: unknown, signal: AbortSignal) => unknown) | undefined;
      if (!handler) throw new FoveaError('not-allowed', `the fake host has no ${procedure}`);
      const value = await handler(input, controller.signal);
      this.#listeners.message({ kind: 'result', id, value });
    } catch (thrown) {
      this.#listeners.message({ kind: 'error', id, error: toErrorRecord(thrown) });
    }
  }
}

/** A small network of four layers. */
export const LAYERS: readonly LayerGeometry[] = [
  layer('conv1', 3, 224, 64, 112),
  layer('fire2/squeeze', 64, 56, 16, 56),
  layer('fire2/expand', 16, 56, 64, 56),
  layer('conv10', 512, 14, 1000, 14),
];

function layer(name: string, channels: number, side: number, filters: number, outputSide: number): LayerGeometry {
  const kernel = name.includes('squeeze') || name === 'conv10' ? 1 : 3;
  return {
    name,
    op: 'Conv',
    inputShape: [channels, side, side],
    outputShape: [filters, outputSide, outputSide],
    kernel: [kernel, kernel],
    groups: 1,
    macs: channels * kernel ** 2 * filters * outputSide ** 2,
    values: channels * side ** 2,
    weights: channels * kernel ** 2 * filters,
  };
}

export const MODEL: ModelDetails = {
  id: 'tiny',
  name: 'Tiny',
  sha256: 'a'.repeat(64),
  classes: 1000,
  inputSize: [224, 224],
  licence: 'MIT',
  calibrated: false,
  embedded: true,
  layers: LAYERS,
  leftOut: [],
  remarks: [],
  labels: [],
};

export function entry(name: string): ImageEntry {
  return { id: `id-${name}`, name, path: `/photos/${name}`, width: 640, height: 480 };
}

/** The same without the counts that take longer, and without the estimates that need them. */
export function withoutCounts(analysis: Analysis): Analysis {
  return {
    ...analysis,
    layers: analysis.layers.map((layer) => ({
      ...layer,
      zeroShare: null,
      nonZeroBits: null,
      lockstepNonZeroBits: null,
    })),
    energy: analysis.energy.filter(({ accelerator }) => accelerator !== 'pragmatic'),
  };
}

/** A result that follows from the plan alone: importance falls from the centre, bits cost what they cost. */
export function analysisOf(
  image: ImageEntry,
  options: PlanOptions,
  layers: readonly LayerGeometry[] = LAYERS,
): Analysis {
  const plan = resolvePlan(options);
  const side = plan.regions;
  const values = Array.from({ length: side ** 2 }, (_, index) => {
    const [row, column] = [Math.floor(index / side), index % side];
    const distance = Math.hypot((row + 0.5) / side - 0.5, (column + 0.5) / side - 0.5);
    return Math.max(0, 1 - 1.3 * distance) * (0.8 + 0.2 * Math.sin(row * 2.7 + column * 1.9) ** 2);
  });
  const levels = [...levelMap({ plan, grid: { rows: side, columns: side }, values })];
  const counted = layers.map((geometry, index): LayerCounts => {
    const bits = bitsOfLayer(plan, geometry.name, index === 0);
    const meanBits = levels.reduce((sum, level) => sum + bits[level]!, 0) / levels.length;
    const lockstepBits = (meanBits + Math.max(...bits)) / 2;
    return {
      ...uniformCounts(geometry, meanBits),
      lockstepBits,
      compactedBits: lockstepBits,
      crossbarBits: Math.max(...bits),
      maxBits: Math.max(...bits),
      zeroShare: 0.4,
      nonZeroBits: meanBits * 0.3,
      lockstepNonZeroBits: lockstepBits * 0.5,
      compactedNonZeroBits: lockstepBits * 0.5,
      groupBits: meanBits * 0.7,
      palletBits: lockstepBits * 0.9,
      compactedPalletBits: lockstepBits * 0.9,
      zeroShareAt8: 0.35,
      nonZeroBitsAt8: 2,
      lockstepNonZeroBitsAt8: 4,
      groupBitsAt8: 5.7,
      palletBitsAt8: 7.1,
      clippedShare: 0,
      sqnrDb: 6 * meanBits,
      levelMapBits: side ** 2,
      rescaledSums: plan.range === 'position' && !plan.powerOfTwo ? partialSums(geometry) : 0,
      rangeExponents: plan.range === 'position' ? geometry.inputShape[1] * geometry.inputShape[2] : 0,
    };
  });
  const least = Math.min(...plan.bits);
  const labels = ['schooner', 'yawl', 'pirate ship', 'catamaran', 'trimaran', 'dock'];
  const before = [0.62, 0.21, 0.06, 0.04, 0.02, 0.01];
  const changed = least < 3;
  const order = changed ? [1, 0, 2, 5, 3] : [0, 1, 2, 3, 4];
  const score = (index: number, probability: number) => ({ class: 700 + index, label: labels[index]!, probability });
  return {
    version: '0.1.0',
    device: 'cpu',
    image: {
      path: image.path ?? image.name,
      sha256: 'b'.repeat(64),
      width: image.width,
      height: image.height,
      remarks: [],
    },
    model: { id: MODEL.id, sha256: MODEL.sha256 },
    plan,
    baseline: { top: [0, 1, 2, 3, 4].map((index) => score(index, before[index]!)) },
    quantised: { top: order.map((index, place) => score(index, [0.58, 0.24, 0.05, 0.05, 0.02][place]!)) },
    top1Kept: !changed,
    top5Kept: true,
    importance: { metric: plan.metric, grid: [side, side], values, levels },
    layers: counted,
    leftOut: [],
    energy: estimateAll(builtinAccelerators(), counted).estimates,
    notPriced: [],
    fromEarlierRun: false,
    timings: { decodeMs: 3, importanceMs: 2, inferenceMs: 14, totalMs: 21 },
  };
}
