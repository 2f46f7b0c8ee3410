import { dirname } from 'node:path';
import * as ort from 'onnxruntime-node';
import { FoveaError } from '../../src-shared/errors.ts';
import { damaged, sessionBytes, type ModelFile } from '../onnx/model-file.ts';
import type { OnnxModel } from '../onnx/onnx-schema.ts';
import type { RewriteOptions } from './quantiser-nodes.ts';

/** Above this, the plain network is the rewritten one with its quantisers set to pass: the weights are held once. */
export const HOLD_TWICE_BYTES = 128 * 2 ** 20;

/** The sessions of one model file; a large model keeps only the latest, so that its weights are held once. */
export class Sessions {
  readonly #file: ModelFile;
  readonly #open = new Map<string, ort.InferenceSession>();

  constructor(file: ModelFile) {
    this.#file = file;
  }

  /** The options of a rewritten session that is open, if there is one: any will do to let values pass. */
  openVariant(exposing: boolean): RewriteOptions | undefined {
    return this.#variants.find((variant) => variant.quantiser === 'linear' && (variant.exposeActivations || !exposing));
  }

  get #variants(): RewriteOptions[] {
    return [...this.#open.keys()].filter((key) => key !== 'plain').map((key) => JSON.parse(key) as RewriteOptions);
  }

  async get(
    model: OnnxModel | (() => OnnxModel),
    key: RewriteOptions | 'plain',
    threads: number,
  ): Promise<ort.InferenceSession> {
    const name = typeof key === 'string' ? key : JSON.stringify(key);
    const open = this.#open.get(name);
    if (open) return open;
    if (this.#file.bytes > HOLD_TWICE_BYTES) await this.close();
    const session = await createSession(this.#file, typeof model === 'function' ? model() : model, threads);
    this.#open.set(name, session);
    return session;
  }

  async close(): Promise<void> {
    const sessions = [...this.#open.values()];
    this.#open.clear();
    for (const session of sessions) await session.release();
  }
}

export async function createSession(file: ModelFile, model: OnnxModel, threads: number): Promise<ort.InferenceSession> {
  try {
    return await ort.InferenceSession.create(sessionBytes(file, model), {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // A plan of all buffers ahead takes a block of its own beside the ones in use.
      enableMemPattern: file.bytes <= HOLD_TWICE_BYTES,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 4,
      extra: {
        session: {
          model_external_initializers_file_folder_path: dirname(file.path),
          disable_prepacking: file.bytes > HOLD_TWICE_BYTES ? '1' : '0',
        },
      },
    });
  } catch (error) {
    const reason = firstLine(error);
    if (
      /not a registered function\/op|No Op registered|NOT_IMPLEMENTED|No opset import|not implemented|is till opset/i.test(
        reason,
      )
    )
      throw new FoveaError(
        'model-unsupported-operator',
        `${file.path}: ${reason}`,
        'ONNX Runtime cannot run this operator or opset; export the model with standard operators of a supported opset.',
        { cause: error },
      );
    throw damaged(file.path, reason, error);
  }
}

export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
}
