import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { shuffled } from '../../../src-shared/importance/random.ts';
import type { RunRecord } from '../../../src-shared/runs/run-record.ts';
import { picture } from '../engine/inside/engine-scene.ts';
import { fovea } from '../fovea.ts';
import { heldEngines } from '../held-engines.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';
import { openPage, type Page, served } from './page.ts';

const IMAGES = 200;
/** Of a run that names none. */
const SEED = 1;
const PLANS = [{ bits: [4, 3] }, { metric: 'random', bits: [6, 2] }];

/** A model, photos named in the order in which a page's run takes them, and a data folder for the hosts of one test. */
async function scene() {
  const folder = temporaryFolder();
  const photos = join(folder, 'photos');
  mkdirSync(photos);
  const model = writeModel(folder, 'small.onnx', smallClassifier());
  const order = shuffled([...Array(IMAGES).keys()], SEED);
  for (const [place, index] of order.entries()) {
    const group = join(photos, String(index).padStart(3, '0'));
    mkdirSync(group);
    await picture(join(group, name(place)), place);
  }
  const dataFolder = join(folder, 'data');
  const terminal = async (...words: string[]) => {
    const { code, stdout, stderr } = await fovea([...words, '--json'], { cwd: folder, dataFolder });
    expect(code, stderr).toBe(0);
    return JSON.parse(stdout) as { readonly run: RunRecord };
  };
  /** The digest of the same run, made by the terminal in a store of its own. */
  const undisturbed = async () => {
    const plans = join(folder, 'plans.json');
    writeFileSync(plans, JSON.stringify(PLANS));
    const own = ['--labels', 'none', '--no-controls', '--db', join(folder, 'undisturbed.sqlite')];
    return (await terminal('batch', photos, '--model', model, '--plan', plans, ...own)).run.resultsSha256;
  };
  const start = (page: Page) =>
    page.ask('runs.start', {
      name: 'a run',
      images: { folder: { path: photos }, labels: 'none' },
      modelId: model,
      plans: PLANS,
    });
  return { folder, model, dataFolder, terminal, undisturbed, start };
}

const name = (index: number) => `${String(index).padStart(3, '0')}.png`;

/** The run once it fulfils a condition. */
async function runOnce(page: Page, runId: string, condition: (run: RunRecord) => boolean): Promise<RunRecord> {
  const run = async () => (await page.ask('runs.list', {})).find(({ id }) => id === runId)!;
  await expect.poll(async () => condition(await run())).toBe(true);
  return run();
}
const isComplete = ({ status }: RunRecord) => status === 'complete';

describe('a run that a page started', () => {
  test('keeps no live analysis waiting: twenty are answered while its own engines answer nothing', async () => {
    const { dataFolder, model, folder, start } = await scene();
    const held = heldEngines(name(0));
    const { host, address } = await served(dataFolder, held.env);
    const page = await openPage(address);
    const other = await picture(join(folder, 'other.png'), IMAGES);
    const { images } = await page.ask('files.open', { files: [{ path: other }] });
    const { runId } = await start(page);
    await held.holding(1, host);
    for (let seed = 1; seed <= 20; seed++) {
      const plan = { metric: 'random', bits: [5, 2], seed };
      const asked = { imageId: images[0]!.id, modelId: model, plan, counts: false };
      expect(await page.ask('analysis.run', asked)).toMatchObject({ fromEarlierRun: false, plan: { seed } });
    }
    expect(await page.ask('runs.report', { runId })).toMatchObject({ run: { status: 'running', finished: 0 } });
    held.answer(Infinity);
    expect(await runOnce(page, runId, isComplete)).toMatchObject({ finished: IMAGES, failed: 0 });
  });

  test('goes on when the page is closed at 60 %, and gives what an undisturbed run gives', async () => {
    const { dataFolder, start, undisturbed } = await scene();
    // All calls before the first with a held image are answered, and none has more than 64: at least 60 % in all.
    const held = heldEngines(name(0.95 * IMAGES));
    const { address } = await served(dataFolder, held.env);
    const page = await openPage(address);
    const { runId } = await start(page);
    const done = async () => {
      const [job] = await page.ask('runs.jobs', {});
      return job!.figures.stage === 'evaluating' ? job!.figures.done : 0;
    };
    await expect.poll(done).toBeGreaterThanOrEqual(0.6 * IMAGES);
    await page.close();
    held.answer(Infinity);
    const later = await openPage(address);
    const { resultsSha256 } = await runOnce(later, runId, isComplete);
    expect(resultsSha256).toBe(await undisturbed());
  });

  test.each(['terminal', 'page'] as const)(
    'whose host is killed is gone on with by the %s, to the same results',
    async (door) => {
      const { dataFolder, start, terminal, undisturbed } = await scene();
      const held = heldEngines(2);
      const { host, address } = await served(dataFolder, held.env);
      const before = await openPage(address);
      const { runId } = await start(before);
      await held.holding(1, host);
      // An engine may hold before results that came earlier are in the store.
      await runOnce(before, runId, ({ finished }) => finished > 0);
      host.kill('SIGKILL');
      await once(host, 'exit');
      const page = await openPage((await served(dataFolder)).address);
      const interrupted = await runOnce(page, runId, ({ status }) => status === 'interrupted');
      expect(interrupted.finished).toBeGreaterThan(0);
      expect(interrupted.finished).toBeLessThan(IMAGES);
      if (door === 'page') await page.ask('runs.resume', { runId });
      else await terminal('batch', '--resume', runId);
      const resumed = await runOnce(page, runId, isComplete);
      expect(resumed.resultsSha256).toBe(await undisturbed());
    },
  );
});
