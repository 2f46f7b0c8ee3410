import { z } from 'zod';
import { jsonFile, type JsonFile } from '../files/json-file.ts';

export const MAX_RECENT_FILES = 10;

/** What the user opened last, the newest first. */
export interface RecentFiles {
  list(): readonly string[];
  add(paths: readonly string[]): void;
  clear(): void;
}

/** An entry that is no path costs itself alone. */
const listSchema = z
  .array(z.unknown())
  .transform((entries) => entries.filter((entry) => typeof entry === 'string').slice(0, MAX_RECENT_FILES));

/** @param onChange called with the new list */
export async function openRecentFiles(
  path: string,
  onChange: (paths: readonly string[]) => void,
): Promise<RecentFiles> {
  const file: JsonFile<string[]> = jsonFile(path, listSchema, []);
  let recent = await file.read();
  const replace = (paths: string[]) => {
    recent = paths;
    onChange(recent);
    file.write(recent).catch((error: unknown) => console.error('The recent files could not be kept.', error));
  };
  return {
    list: () => recent,
    add: (paths) => replace([...new Set([...paths, ...recent])].slice(0, MAX_RECENT_FILES)),
    clear: () => replace([]),
  };
}
