import type { Device } from '../../src-shared/device.ts';

/** Bytes of an engine beside its model: runtime, decoder, activations of a batch. */
const ENGINE_BYTES = 400 * 2 ** 20;
/** A model is held up to twice, plain and rewritten, with what the runtime prepares of its weights. */
const COPIES_OF_MODEL = 2.5;

/** Engines that share a GPU hold the weights there once each: enough of them to decode photos while it computes. */
const MOST_ON_A_GPU = 4;

/** One engine a core, as long as memory lasts; at least one. */
export function workerCount(cores: number, availableBytes: number, modelBytes: number, device: Device = 'cpu'): number {
  const fitting = Math.floor((0.8 * availableBytes) / (ENGINE_BYTES + COPIES_OF_MODEL * modelBytes));
  return Math.max(1, Math.min(cores, fitting, device === 'cpu' ? Infinity : MOST_ON_A_GPU));
}
