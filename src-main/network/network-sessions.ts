import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Device } from '../../src-shared/device.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { damaged, sessionBytes, type ModelFile } from '../onnx/model-file.ts';
import { attributesOf } from '../onnx/onnx-node.ts';
import { BFLOAT16, type OnnxModel } from '../onnx/onnx-schema.ts';
import { throwIfLost } from './device-probe.ts';
import { plainReason } from './plain-reason.ts';
import type { RewriteOptions } from './rewrite-options.ts';
import { unsoundOptimisers } from './unsound-optimisers.ts';

/** Above this, the plain network is the rewritten one with its quantisers set to pass: the weights are held once. */
export const HOLD_TWICE_BYTES = 128 * 2 ** 20;

/**
 * What is run beside the rewritten graphs: the model as it is, without and with the tensors before its layers among its outputs, ends of
 * graphs, graphs with their last feature map or their cuts among the outputs, and what runs the window of a plan that crops.
 */
export type OtherSession =
  'plain' | 'plain-exposed' | `from ${number} ${string}` | `features ${string}` | `cuts ${string}` | `window ${string}`;
const isVariant = (key: string) => key.startsWith('{');

export interface SessionOptions {
  readonly threads: number;
  /** Add up in another order, as {@link OTHER_SUMS} has it: every sum is rounded otherwise in the last place. */
  readonly secondRounding?: boolean;
  /** Default: the CPU. What a device has no kernel for runs on the CPU. */
  readonly device?: Device;
}

/**
 * Without its last level of optimisation ONNX Runtime computes convolutions in the file's own layout of channels, and so adds up in
 * another order than in blocks of channels.
 */
const OTHER_SUMS = 'extended';

/** The sessions of one model file; a large model keeps only the latest, so that its weights are held once. */
export class Sessions {
  readonly #file: ModelFile;
  readonly #open = new Map<string, ort.InferenceSession>();

  constructor(file: ModelFile) {
    this.#file = file;
  }

  /** The options of a rewritten session that is open, if there is one: any will do to let values pass. */
  openVariant(exposing: boolean): RewriteOptions | undefined {
    return this.#variants.find(
      ({ quantiser, found, exposeActivations }) => quantiser === 'linear' && !found && (exposeActivations || !exposing),
    );
  }

  get #variants(): RewriteOptions[] {
    return [...this.#open.keys()].filter((key) => isVariant(key)).map((key) => JSON.parse(key) as RewriteOptions);
  }

  async get(
    model: OnnxModel | (() => OnnxModel | Promise<OnnxModel>),
    key: RewriteOptions | OtherSession,
    options: SessionOptions,
  ): Promise<ort.InferenceSession> {
    const name = typeof key === 'string' ? key : JSON.stringify(key);
    const open = this.#open.get(name);
    if (open) return open;
    if (this.#file.bytes > HOLD_TWICE_BYTES) await this.close();
    const session = await createSession(this.#file, typeof model === 'function' ? await model() : model, options);
    this.#open.set(name, session);
    return session;
  }

  async close(): Promise<void> {
    const sessions = [...this.#open.values()];
    this.#open.clear();
    for (const session of sessions) await session.release();
  }
}

export async function createSession(
  file: ModelFile,
  model: OnnxModel,
  { threads, secondRounding = false, device = 'cpu' }: SessionOptions,
): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(sessionBytes(file, model), {
      ...(device === 'cpu' ? {} : { executionProviders: [device] }),
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // A plan of all buffers ahead takes a block of its own beside the ones in use.
      enableMemPattern: file.bytes <= HOLD_TWICE_BYTES,
      graphOptimizationLevel: secondRounding ? OTHER_SUMS : 'all',
      logSeverityLevel: 4,
      extra: {
        session: {
          // Threads that wait by spinning take the core from whoever draws the answer, or from a run beside it.
          intra_op: { allow_spinning: '0' },
          model_external_initializers_file_folder_path: dirname(file.path),
          // Float weights between Q and DQ would be rounded to 8 bits at load, and valid opset-10 files refused.
          disable_quant_qdq: '1',
          disable_prepacking: file.bytes > HOLD_TWICE_BYTES ? '1' : '0',
        },
        optimization: { disable_specified_optimizers: unsoundOptimisers(model, file.constants).join(';') },
      },
    });
  } catch (error) {
    await throwIfLost(device);
    throw refused(file.path, model, error);
  }
}

/** What ONNX Runtime cannot run, apart from what is no whole model. */
function refused(path: string, model: OnnxModel, error: unknown): FoveaError {
  const reason = plainReason(error);
  const unsupported = (code: 'model-unsupported' | 'model-unsupported-operator', what: string, next: string) =>
    new FoveaError(code, `${path}: ${what}`, next, { cause: error });
  const [, version, newest] = /IR version: (\d+), max supported IR version: (\d+)/.exec(reason) ?? [];
  if (version !== undefined)
    return unsupported(
      'model-unsupported',
      `the file is of ONNX's IR version ${version}, at most ${newest} can be read`,
      'Export the model again for an older version of ONNX.',
    );
  const [, type, operator, node] =
    /Type '(?:tensor\()?([^')]+)\)?' of input parameter \([^)]*\) of operator \(([^)]*)\) in node \(([^)]*)\) is invalid/.exec(
      reason,
    ) ?? [];
  if (type !== undefined)
    return unsupported(
      'model-unsupported-operator',
      `node ${node} (${operator}) computes on ${plainType(type)}, which ONNX Runtime does not do for this operator`,
      'Export the model in single precision (float32).',
    );
  if (
    /not a registered function\/op|No Op registered|NOT_IMPLEMENTED|No opset import|not implemented|is till opset|Could not find an implementation/i.test(
      reason,
    )
  )
    return unsupported(
      'model-unsupported-operator',
      `${reason}${usesBfloat16(model) ? '; the model computes in bfloat16' : ''}`,
      'ONNX Runtime cannot run this operator or opset; export the model with standard operators of a supported opset.',
    );
  return damaged(path, reason, error);
}

function usesBfloat16({ nodes, initializers }: OnnxModel): boolean {
  return (
    initializers.some(({ dataType }) => dataType === BFLOAT16) ||
    nodes.some((node) => node.opType === 'Cast' && attributesOf(node).get('to') === BFLOAT16)
  );
}

const PLAIN_TYPES: Readonly<Record<string, string>> = { float: 'float32', double: 'float64' };
const plainType = (type: string) => PLAIN_TYPES[type] ?? type;
