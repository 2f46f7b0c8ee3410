import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { writeWholeFile } from './whole-file.ts';

/**
 * Something small remembered between starts: settings, recent files, the window. What cannot be read or has another shape is
 * forgotten, for nothing of it is worth refusing to start.
 */
export interface JsonFile<Value> {
  read(): Promise<Value>;
  /** Writes come one after the other, the latest last; a reader sees the old content or the new one. */
  write(value: Value): Promise<void>;
}

export function jsonFile<Value>(path: string, schema: z.ZodType<Value>, fallback: Value): JsonFile<Value> {
  let writing: Promise<void> = Promise.resolve();
  return {
    async read() {
      await writing;
      try {
        const parsed = schema.safeParse(JSON.parse(await readFile(path, 'utf8')));
        return parsed.success ? parsed.data : fallback;
      } catch {
        return fallback;
      }
    },
    write(value) {
      const written = writing.then(async () => {
        await writeWholeFile(path, `${JSON.stringify(value, null, 2)}\n`, { withFolder: true, mode: 0o600 });
      });
      // A failure is told to the caller whose write it was; the next write tries anew.
      writing = written.catch(() => undefined);
      return written;
    },
  };
}
