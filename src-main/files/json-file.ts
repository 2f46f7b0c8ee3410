import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { parseJsonText } from './json-text.ts';
import { writeWholeFile } from './whole-file.ts';

/**
 * Something small remembered between starts: settings, recent files, the window. Another Fovea, older or newer, may have written
 * it: a field that is missing, wrong or unknown costs itself alone, for nothing of it is worth refusing to start.
 */
export interface JsonFile<Value> {
  read(): Promise<Value>;
  /**
   * Writes come one after the other, the latest last; a reader sees the old content or the new one. What reading does not take of
   * the file's fields stays in it.
   */
  write(value: Value): Promise<void>;
}

/** @param fallback what is read where there is no file, and of single fields where they are missing or wrong */
export function jsonFile<Value extends object>(
  path: string,
  schema: z.ZodType<Value>,
  fallback: Value,
): JsonFile<Value> {
  let writing: Promise<void> = Promise.resolve();
  const replace = async (value: Value) => {
    const before = await readJson(path);
    const text = JSON.stringify(withStrangeFields(value, before, understood(before, schema, fallback)), null, 2);
    await writeWholeFile(path, `${text}\n`, { withFolder: true, mode: 0o600 });
  };
  return {
    async read() {
      await writing;
      return understood(await readJson(path), schema, fallback);
    },
    write(value) {
      const written = writing.then(() => replace(value));
      // A failure is told to the caller whose write it was; the next write tries anew.
      writing = written.catch(() => undefined);
      return written;
    },
  };
}

/** Undefined where there is no file, or none that can be read. */
async function readJson(path: string): Promise<unknown> {
  try {
    return parseJsonText(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}

function understood<Value extends object>(stored: unknown, schema: z.ZodType<Value>, fallback: Value): Value {
  const parsed = schema.safeParse(
    isRecord(stored) ? soundFields(stored, schema, new Map(Object.entries(fallback))) : stored,
  );
  return parsed.success ? parsed.data : fallback;
}

/** The fields that the schema has, each as it is stored, or where that is wrong as in the fallback. */
function soundFields(
  stored: Readonly<Record<string, unknown>>,
  schema: z.ZodType,
  fallback: ReadonlyMap<string, unknown>,
): unknown {
  if (!(schema instanceof z.ZodObject)) return stored;
  const fields = Object.entries(schema.shape).map(([name, field]) => {
    const isSound = Object.hasOwn(stored, name) && z.safeParse(field, stored[name]).success;
    return [name, isSound ? stored[name] : fallback.get(name)];
  });
  return Object.fromEntries(fields);
}

/** A value with those fields of the file, at any depth, that reading left out. */
function withStrangeFields(value: unknown, stored: unknown, taken: unknown): unknown {
  if (!isRecord(value) || !isRecord(stored) || !isRecord(taken)) return value;
  const strange = Object.entries(stored).filter(([name]) => !Object.hasOwn(taken, name));
  const own = Object.entries(value).map(([name, field]) => [name, withStrangeFields(field, stored[name], taken[name])]);
  return Object.fromEntries([...strange, ...own]);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
