import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { Transform, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../files/make-folder.ts';
import { MAX_UPLOAD_BYTES } from '../../src-shared/contract/files.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { digestOf } from '../files/digest.ts';
import { isAlive, PID_SPACE } from '../files/process-alive.ts';

/** Files a page sent, kept in a folder only this user can enter while this process lives. */
export interface Uploads {
  /**
   * Stores a file under `batch/relative/path`, the name it is referred to by.
   * @throws FoveaError `not-allowed` for a bad name, a name taken, or too many bytes; nothing is left of a failed upload
   */
  store(name: string, content: Readable): Promise<void>;
  /** @throws FoveaError `not-allowed` for a bad name */
  pathOf(name: string): string;
  /** Whether a file lies in the folder that is emptied. */
  holds(path: string): boolean;
  remove(): Promise<void>;
}

/** Tells process ids of other containers and machines apart, which may have the same data folder. */
const SPACE = digestOf(PID_SPACE).slice(0, 8);
/** So long the folder of a process that cannot be looked up is left alone after the last files came. */
const LEFT_ALONE_MS = 7 * 24 * 3_600_000;

/** Whether a folder of uploads is one that nobody has any more. */
async function isLeft(all: string, name: string): Promise<boolean> {
  const [, pid, space = SPACE] = /^(\d+)(?:-([\da-f]{8}))?$/.exec(name) ?? [];
  if (pid === undefined) return true;
  if (space === SPACE) return Number(pid) === process.pid || !isAlive(Number(pid));
  const { mtimeMs } = await stat(join(all, name));
  return Date.now() - mtimeMs > LEFT_ALONE_MS;
}

/** Opens this process's folder, and empties those that earlier processes left behind when they were killed. */
export async function openUploads(dataFolder: string, maxBytes = MAX_UPLOAD_BYTES): Promise<Uploads> {
  const all = resolve(dataFolder, 'uploads');
  const own = join(all, `${process.pid}-${SPACE}`);
  makeFolder(all, 0o700);
  for (const name of await readdir(all))
    // Another process may be emptying the same.
    if (await isLeft(all, name).catch(() => false)) await rm(join(all, name), { recursive: true, force: true });
  await mkdir(own, { mode: 0o700 });

  const pathOf = (name: string) => {
    const segments = name.split('/');
    if (segments.length < 2 || !segments.every(isPlainName))
      throw new FoveaError('not-allowed', `not a name a file can be stored under: ${name}`);
    return join(own, ...segments);
  };

  return {
    pathOf,
    holds: (path) => path.startsWith(own + sep),
    async store(name, content) {
      const path = pathOf(name);
      makeFolder(dirname(path), 0o700);
      // Opened before anything is read, so that a refusal can still be answered.
      const file = await open(path, 'wx', 0o600).catch((error: unknown) => {
        throw new FoveaError('not-allowed', `${name} cannot be stored`, 'Was it sent before?', { cause: error });
      });
      try {
        await pipeline(content, atMost(maxBytes, name), file.createWriteStream());
      } catch (error) {
        await rm(path, { force: true });
        const { code, message, next } = toErrorRecord(error);
        if (error instanceof FoveaError || code === 'internal') throw error;
        throw new FoveaError(code, `${basename(name)} cannot be kept: ${message}. ${next}`, next, { cause: error });
      }
    },
    remove: () => rm(own, { recursive: true, force: true }),
  };
}

function isPlainName(segment: string): boolean {
  return /^[^\0/\\]{1,255}$/.test(segment) && segment !== '.' && segment !== '..';
}

function atMost(bytes: number, name: string): Transform {
  let received = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      if (received > bytes) done(new FoveaError('not-allowed', `${name} is larger than ${bytes} bytes`));
      else done(null, chunk);
    },
  });
}
