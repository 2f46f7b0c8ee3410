import { IMAGE_EXTENSIONS } from '../../src-shared/contract/files.ts';

export function isImageName(name: string): boolean {
  const lower = name.toLowerCase();
  return IMAGE_EXTENSIONS.some((extension) => lower.endsWith(extension));
}

/** Sorted by the bytes of UTF-8, as SQLite and `sort` under LC_ALL=C do. */
export function byPathBytes(paths: readonly string[]): string[] {
  return paths
    .map((path) => ({ path, bytes: Buffer.from(path) }))
    .sort((a, b) => Buffer.compare(a.bytes, b.bytes))
    .map(({ path }) => path);
}
