import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { noFile } from './small-file.ts';

/** SHA-256 of a text or of bytes, hexadecimal. */
export function digestOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** SHA-256 of a file, hexadecimal. @throws Error for what is no file: a pipe would be waited for without end */
export async function fileDigest(path: string): Promise<string> {
  const stats = await stat(path);
  if (!stats.isFile()) throw new Error(`${path}: ${noFile(stats)}`);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Uint8Array);
  return hash.digest('hex');
}

/** More files are not remembered: their digests are found anew. */
const MOST_REMEMBERED = 200_000;

/** Digests of files that are asked for again and again: each file is read once, until it is changed. */
export class FileDigests {
  readonly #known = new Map<string, { readonly stamp: string; readonly digest: Promise<string> }>();

  /** @throws as {@link fileDigest} */
  async of(path: string): Promise<string> {
    const { ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
    const stamp = [ino, size, mtimeNs, ctimeNs].join();
    const known = this.#known.get(path);
    if (known?.stamp === stamp) return known.digest;
    if (this.#known.size >= MOST_REMEMBERED) this.#known.clear();
    const digest = fileDigest(path);
    this.#known.set(path, { stamp, digest });
    digest.catch(() => this.#known.delete(path));
    return digest;
  }
}
