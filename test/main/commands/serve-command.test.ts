import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listRuns } from '../../../src-main/store/run-query.ts';
import { openRunStore } from '../../../src-main/store/run-store.ts';
import { fovea } from '../fovea.ts';
import { openPage, served } from '../host/page.ts';
import { completeRun } from '../store/stored-runs.ts';
import { temporaryFolder } from '../temporary-folder.ts';

describe('fovea serve --db', () => {
  test.each(['before', 'behind'])(
    'has the runs of that store and no other, the option %s the command',
    async (where) => {
      const folder = temporaryFolder();
      const dataFolder = join(folder, 'data');
      const other = join(folder, 'other.sqlite');
      using store = openRunStore(other);
      const id = completeRun(store, 2, { name: 'of the other store' });
      const words = where === 'before' ? ['--db', other, 'serve', '--no-open'] : ['serve', '--no-open', '--db', other];
      const { host, address } = await served(dataFolder, process.env, words);
      const page = await openPage(address);
      expect(await page.ask('runs.list', {})).toMatchObject([{ id, name: 'of the other store' }]);
      await page.ask('runs.update', { runId: id, name: 'renamed by the page' });
      await page.ask('analysis.run', {
        imageId: (await page.ask('samples.list', {}))[0]!.id,
        modelId: 'fovea-caltech101',
        plan: {},
        counts: true,
      });
      await page.close();
      host.kill('SIGINT');
      expect(await once(host, 'exit')).toEqual([0, null]);
      expect(listRuns(store).map(({ name }) => name)).toEqual(['renamed by the page']);
      // What was analysed lies there, too.
      expect(store.db.prepare('SELECT count(*) FROM analyses').pluck().get()).toBe(1);
      expect(existsSync(join(dataFolder, 'runs.sqlite'))).toBe(false);
    },
  );

  test('that is no store is told of to whoever asks for runs, and left as it is; all else goes on', async () => {
    const folder = temporaryFolder({ 'notes.txt': 'Not a store.' });
    const file = join(folder, 'notes.txt');
    const { address } = await served(join(folder, 'data'), process.env, ['serve', '--no-open', '--db', file]);
    const page = await openPage(address);
    await expect(page.ask('runs.list', {})).rejects.toMatchObject({
      code: 'store-damaged',
      message: expect.stringContaining(`${file}: expected a store of Fovea`),
    });
    const imageId = (await page.ask('samples.list', {}))[0]!.id;
    const analysed = await page.ask('analysis.run', { imageId, modelId: 'fovea-caltech101', plan: {} });
    expect(analysed.baseline.top).toHaveLength(5);
    await page.close();
    expect(readFileSync(file, 'utf8')).toBe('Not a store.');
  });
});

test('a port that others have is told of, and so is one that is none', async () => {
  const folder = temporaryFolder();
  const { address } = await served(join(folder, 'data'));
  const { port } = new URL(address);
  for (const [given, words] of [
    [port, `port ${port} is in use`],
    ['65536', '--port: expected 0..65535, found 65536'],
  ] as const) {
    const { code, stdout, stderr } = await fovea(['serve', '--no-open', '--port', given], {
      cwd: folder,
      dataFolder: join(folder, 'data'),
    });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(`${words}`);
  }
});
