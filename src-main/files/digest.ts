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
