import { statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { DEFAULT_DEVICE, type Device } from '../../src-shared/device.ts';
import type { PixelChoices } from '../../src-shared/preprocessing.ts';
import { EngineKeeper } from '../engine/engine-keeper.ts';
import type { ModelRequest } from '../engine/inside/opened-model.ts';
import type { SpawnProcess } from '../engine/process-port.ts';

/** An engine that opens a model while its process loads what asks for it. */
export interface EngineAhead {
  readonly engine: EngineKeeper;
  /** Of the model. */
  readonly path: string;
}

/** What every command knows. */
export interface CommonAheadOrder {
  readonly engineScript: string;
  readonly spawn: SpawnProcess;
  readonly dataFolder: string;
  /** The run store; null where nothing is to be looked up. */
  readonly db: string | null;
  readonly pixels: PixelChoices;
  /** What the network runs on. Default: the CPU. */
  readonly device?: Device;
}

export interface EngineAheadOrder extends CommonAheadOrder {
  /** Id or file; default: the embedded one. */
  readonly model: string | undefined;
  readonly images: readonly string[];
}

/**
 * Starts an engine before anything else is loaded, where one will be needed: an image that nobody has analysed cannot be looked up.
 * @returns null where all images may be looked up; what it finds wrong is told better by whoever asks next
 */
export async function engineAhead({ engineScript, spawn, ...order }: EngineAheadOrder): Promise<EngineAhead | null> {
  if (order.db !== null && (await areAnalysed(order.db, order.images))) return null;
  const engine = new EngineKeeper({ script: engineScript, spawn });
  engine.start();
  try {
    const { DEFAULT_MODEL, ModelLibrary } = await import('../models/model-library.ts');
    const { path } = new ModelLibrary(order.dataFolder).find(order.model ?? DEFAULT_MODEL);
    engine.run('open', { model: modelRequest(path, order) }).catch(() => undefined);
    return { engine, path };
  } catch {
    engine.close();
    return null;
  }
}

/** One image at a time may use all cores. */
export function modelRequest(
  path: string,
  { pixels, device = DEFAULT_DEVICE }: Pick<CommonAheadOrder, 'pixels' | 'device'>,
  threads = availableParallelism(),
): ModelRequest {
  return { path, threads, pixels, ...(device === DEFAULT_DEVICE ? {} : { device }) };
}

/** Whether the store has an analysis of every image, whatever its plan and model. It is looked at as it is, and left so. */
async function areAnalysed(db: string, images: readonly string[]): Promise<boolean> {
  if (!statSync(db, { throwIfNoEntry: false })?.isFile()) return false;
  try {
    const [{ default: Database }, { imageDigest }, { located }] = await Promise.all([
      import('better-sqlite3'),
      import('../images/image-digest.ts'),
      import('../images/samples.ts'),
    ]);
    using file = disposable(new Database(db, { readonly: true, timeout: 0 }));
    const find = file.db.prepare<[Buffer]>(
      `SELECT 1 FROM images JOIN results ON results.image_id = images.id JOIN analyses ON result_id = results.id
       WHERE sha256 = ?`,
    );
    for (const image of images) if (!find.get(Buffer.from(await imageDigest(located(image)), 'hex'))) return false;
    return true;
  } catch {
    return false;
  }
}

const disposable = <Database extends { close(): unknown }>(db: Database) => ({
  db,
  [Symbol.dispose]: () => void db.close(),
});
