import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { MAX_RECENT_FILES, openRecentFiles } from '../../../src-main/shell/recent-files.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Ends what hangs; nothing that is stated depends on it. */
const LIMIT = { timeout: 120_000 };

const nothing = () => undefined;

test('the newest come first, once each, and are there at the next start', async () => {
  const path = join(temporaryFolder({}), 'recent-files.json');
  const recent = await openRecentFiles(path, nothing);
  recent.add(['/a.jpg', '/b.jpg']);
  recent.add(['/c.jpg', '/a.jpg']);
  expect(recent.list()).toEqual(['/c.jpg', '/a.jpg', '/b.jpg']);
  await vi.waitFor(() => expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(recent.list()), LIMIT);
  expect((await openRecentFiles(path, nothing)).list()).toEqual(recent.list());
});

test('an entry that is no path costs itself alone, and more than fit are cut off', async () => {
  const many = Array.from({ length: MAX_RECENT_FILES + 3 }, (_, index) => `/${index}.jpg`);
  const path = join(
    temporaryFolder({ 'recent.json': JSON.stringify([{ of: 'a newer one' }, 7, ...many]) }),
    'recent.json',
  );
  expect((await openRecentFiles(path, nothing)).list()).toEqual(many.slice(0, MAX_RECENT_FILES));
});
