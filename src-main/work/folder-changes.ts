import { readdir, stat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type { RunRecord } from '../../src-shared/runs/run-record.ts';
import type { FolderChanges } from '../../src-shared/work.ts';
import { isImageName } from '../images/image-names.ts';
import { fileDigest } from '../files/digest.ts';
import { runImageDigests } from '../store/run-query.ts';
import type { RunDatabase } from '../store/run-database.ts';

/**
 * What has happened since a run began to the folders that hold its images. A file that was changed and then given its old times
 * back goes unseen.
 * @param root absolute path of the dataset's folder
 * @returns paths relative to it, in order
 */
export async function folderChanges(store: RunDatabase, run: RunRecord, root: string): Promise<FolderChanges> {
  const digests = runImageDigests(store, run.id);
  const began = Date.parse(run.createdAt);
  const gone: string[] = [];
  const edited: string[] = [];
  for (const [path, digest] of digests) {
    const changed = await changedAt(join(root, path));
    if (changed === null) gone.push(path);
    // Another mode or name changes a file's times, too: its content decides.
    else if (digest !== null && changed > began && (await digestOrNull(join(root, path))) !== digest) edited.push(path);
  }
  return { added: run.shard || run.dataset.chosen ? [] : await added(digests, root, began), edited, gone };
}

/** Images beside those of the run that were not there when it began; others it leaves out on purpose. */
async function added(known: ReadonlyMap<string, unknown>, root: string, began: number): Promise<string[]> {
  const found: string[] = [];
  for (const folder of new Set([...known.keys()].map((path) => posix.dirname(path))))
    for (const name of await readdir(join(root, folder)).catch(() => [])) {
      const path = posix.join(folder, name);
      if (known.has(path) || !isImageName(name)) continue;
      if (((await changedAt(join(root, path))) ?? 0) > began) found.push(path);
    }
  return found.sort();
}

/** When a file's content or place was last changed, in milliseconds since 1970; null where it is not there. */
function changedAt(path: string): Promise<number | null> {
  return stat(path).then(
    ({ mtimeMs, ctimeMs }) => Math.max(mtimeMs, ctimeMs),
    () => null,
  );
}

const digestOrNull = (path: string) => fileDigest(path).catch(() => null);
