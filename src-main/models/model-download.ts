import { existsSync, rmSync, statSync } from 'node:fs';
import { open, rename, statfs, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from '../files/make-folder.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { fileDigest } from '../files/digest.ts';

/** A file as the catalogue describes it. */
export interface ExpectedFile {
  readonly bytes: number;
  readonly sha256: string;
}

export interface DownloadOptions {
  readonly signal?: AbortSignal | undefined;
  /** Bytes on the disk so far. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined;
  /** Told why the connection was lost before another attempt is made. */
  readonly onInterruption?: ((reason: string) => void) | undefined;
  /** Milliseconds without a byte after which a connection counts as lost. Default: 30 s. */
  readonly stallMs?: number | undefined;
  /** Attempts after one that brought nothing new; one that did starts the count again. Default: 4. */
  readonly retries?: number;
  /** Milliseconds before the first of them; doubled each time. Default: 1 s. */
  readonly retryDelayMs?: number;
}

const STALL_MS = 30_000;
const RETRIES = 4;
const RETRY_DELAY_MS = 1_000;
const MAX_REDIRECTS = 5;

/** The connection failed in a way that may pass; what has arrived is kept. */
class Interruption extends Error {}

/** Where an unfinished download is kept. */
export const partPath = (target: string) => `${target}.part`;

/**
 * Downloads a file; `target` exists only once size and digest are right. What an earlier call left in `target.part` is taken up.
 * @throws FoveaError `download-failed`, `download-corrupt`, `output-unwritable`, `cancelled`
 */
export async function downloadFile(
  url: URL,
  target: string,
  expected: ExpectedFile,
  options: DownloadOptions = {},
): Promise<void> {
  const { signal, retries = RETRIES, retryDelayMs = RETRY_DELAY_MS } = options;
  const part = partPath(target);
  // A whole file that nobody came to use is looked at again rather than trusted.
  if (existsSync(target)) await rename(target, part);
  await prepareRoom(part, expected.bytes);
  let failures = 0;
  let furthest = sizeOf(part);
  let resumed = sizeOf(part) > 0;
  for (;;) {
    try {
      if (sizeOf(part) !== expected.bytes) await fetchRest(url, part, expected.bytes, options);
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      // Where the server does not resume, only what goes beyond all earlier attempts is progress.
      failures = sizeOf(part) > furthest ? 1 : failures + 1;
      furthest = Math.max(furthest, sizeOf(part));
      if (failures > retries)
        throw new FoveaError(
          'download-failed',
          `${url.href}: ${error.message}; ${sizeOf(part)} of ${expected.bytes} bytes have arrived`,
          'Try again later: the download goes on where it stopped. Behind a proxy, set HTTPS_PROXY and NODE_USE_ENV_PROXY=1.',
          { cause: error },
        );
      options.onInterruption?.(error.message);
      await sleep(retryDelayMs * 2 ** (failures - 1), undefined, signal ? { signal } : {}).catch(() => undefined);
      throwIfCancelled(signal, url);
      continue;
    }
    const sha256 = await fileDigest(part);
    if (sha256 === expected.sha256) break;
    rmSync(part);
    // The part of an earlier call may have been of another file: one download from the start decides.
    if (!resumed) throw corrupt(url, `the file has the digest ${sha256}, the catalogue says ${expected.sha256}`);
    resumed = false;
  }
  await rename(part, target).catch((error: unknown) => {
    throw unwritable(target, error);
  });
}

/** Appends to `part` what is missing, or writes it anew where the server does not resume. */
async function fetchRest(url: URL, part: string, bytes: number, options: DownloadOptions): Promise<void> {
  const { signal, onProgress, stallMs = STALL_MS } = options;
  const have = sizeOf(part);
  const stall = new AbortController();
  const timer = setTimeout(() => stall.abort(), stallMs);
  try {
    const response = await request(url, have, signal ? AbortSignal.any([signal, stall.signal]) : stall.signal);
    const start = startOf(response, have, url);
    checkLength(response, bytes - start, url);
    const file = await open(part, start === 0 ? 'w' : 'r+').catch((error: unknown) => {
      throw unwritable(part, error);
    });
    let done = start;
    try {
      onProgress?.({ done, total: bytes });
      for await (const chunk of response.body ?? []) {
        timer.refresh();
        if (done + chunk.length > bytes) {
          rmSync(part, { force: true });
          throw corrupt(url, `more than the expected ${bytes} bytes`);
        }
        await write(file, chunk, done, part);
        done += chunk.length;
        onProgress?.({ done, total: bytes });
      }
    } finally {
      await file.close();
    }
    if (done < bytes) throw new Interruption('the connection ended early');
  } catch (error) {
    if (error instanceof FoveaError || error instanceof Interruption) throw error;
    throwIfCancelled(signal, url);
    if (stall.signal.aborted) throw new Interruption(`no data for ${stallMs / 1000} s`);
    throw new Interruption(reasonOf(error), { cause: error });
  } finally {
    clearTimeout(timer);
    // Ends what is still open of the response.
    stall.abort();
  }
}

/** The response after redirections; never from https to plain http. */
async function request(url: URL, have: number, signal: AbortSignal): Promise<Response> {
  let current = url;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const response = await fetch(current, {
      redirect: 'manual',
      signal,
      headers: {
        // Sizes are compared with the catalogue's, so nothing may be packed on the way.
        'accept-encoding': 'identity',
        ...(have > 0 ? { range: `bytes=${have}-` } : {}),
      },
    });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = URL.parse(location, current);
    if (!next || !(next.protocol === 'https:' || (next.protocol === 'http:' && current.protocol === 'http:')))
      throw new FoveaError(
        'download-failed',
        `${current.href}: redirected to ${location}, which is no safe address`,
        'Check the host.',
      );
    current = next;
  }
  throw new FoveaError('download-failed', `${url.href}: more than ${MAX_REDIRECTS} redirections`, 'Check the host.');
}

/** Offset of the response's first byte in the file. */
function startOf(response: Response, have: number, url: URL): number {
  const { status } = response;
  if (status === 200) return 0;
  if (status === 206) {
    const start = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')?.[1];
    if (Number(start) === have) return have;
    throw corrupt(
      url,
      `asked for the bytes from ${have} on, the server sends ${response.headers.get('content-range')}`,
    );
  }
  if (status === 429 || status >= 500) throw new Interruption(`the server answers ${status}`);
  throw new FoveaError(
    'download-failed',
    `${url.href}: the server answers ${status}${status === 404 ? ', there is no such file' : ''}`,
    'Check the host; the file may have moved.',
  );
}

function checkLength(response: Response, expected: number, url: URL): void {
  const length = response.headers.get('content-length');
  if (length === null || response.headers.has('content-encoding') || Number(length) === expected) return;
  const type = response.headers.get('content-type');
  throw corrupt(url, `the server sends ${length} bytes${type ? ` of ${type}` : ''}, expected ${expected}`);
}

async function write(file: FileHandle, chunk: Uint8Array, position: number, path: string): Promise<void> {
  try {
    for (let at = 0; at < chunk.length;)
      at += (await file.write(chunk, at, chunk.length - at, position + at)).bytesWritten;
  } catch (error) {
    throw unwritable(path, error);
  }
}

/** Makes the folder, and throws what cannot be the beginning of the file. */
async function prepareRoom(part: string, bytes: number): Promise<void> {
  const folder = dirname(part);
  try {
    makeFolder(folder);
    if (sizeOf(part) > bytes) rmSync(part);
    const { bavail, bsize } = await statfs(folder);
    const missing = bytes - sizeOf(part);
    if (bavail * bsize < missing)
      throw new FoveaError(
        'output-unwritable',
        `${folder}: ${missing} bytes are needed, ${bavail * bsize} are free`,
        'Make room on the disk, or name another data folder in FOVEA_DATA.',
      );
  } catch (error) {
    throw error instanceof FoveaError ? error : unwritable(folder, error);
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}

function throwIfCancelled(signal: AbortSignal | undefined, url: URL): void {
  if (signal?.aborted)
    throw new FoveaError('cancelled', `${url.href}: cancelled`, 'The same command goes on where it stopped.');
}

function corrupt(url: URL, reason: string): FoveaError {
  return new FoveaError(
    'download-corrupt',
    `${url.href}: ${reason}`,
    'Nothing was installed. Check the host: it may serve another file, or a page that asks to log in.',
  );
}

function unwritable(path: string, error: unknown): FoveaError {
  return new FoveaError(
    'output-unwritable',
    `${path}: cannot be written: ${reasonOf(error)}`,
    'Check folder and disk.',
    {
      cause: error,
    },
  );
}

/** The reason of a failed fetch is in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error && error.cause.message ? error.cause.message : error.message;
}
