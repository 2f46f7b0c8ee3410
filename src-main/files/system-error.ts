/** What the system, or a library that names its errors likewise, calls an error: `ENOENT`, `SQLITE_READONLY`; null of any other. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

/** Why a folder cannot be used, or a file in it made: in words where it is the plainest of reasons. */
export function whyNotInFolder(error: unknown): string {
  if (systemCode(error) === 'ENOENT') return 'there is no such folder';
  return error instanceof Error ? error.message : String(error);
}
