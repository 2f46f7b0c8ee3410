import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Random access to bytes without holding them all. */
export interface ByteSource {
  readonly length: number;
  /** Bytes [offset, offset + length); both within the source. The result is valid until the next call. */
  view(offset: number, length: number): Uint8Array;
  close(): void;
}

const WINDOW_BYTES = 1 << 16;

/** Reads a file through one window, so that skipping over gigabytes of weights costs nothing. */
export function openFileSource(path: string): ByteSource {
  const file = openSync(path, 'r');
  const length = fstatSync(file).size;
  let window = new Uint8Array(0);
  let windowStart = 0;
  return {
    length,
    view(offset, count) {
      if (offset < windowStart || offset + count > windowStart + window.length) {
        const wanted = new Uint8Array(Math.min(Math.max(count, WINDOW_BYTES), length - offset));
        let filled = 0;
        while (filled < wanted.length) {
          const read = readSync(file, wanted, filled, wanted.length - filled, offset + filled);
          if (read === 0) break;
          filled += read;
        }
        window = wanted.subarray(0, filled);
        windowStart = offset;
      }
      return window.subarray(offset - windowStart, offset - windowStart + count);
    },
    close: () => closeSync(file),
  };
}

export function bytesSource(bytes: Uint8Array): ByteSource {
  return {
    length: bytes.length,
    view: (offset, count) => bytes.subarray(offset, offset + count),
    close: () => undefined,
  };
}
