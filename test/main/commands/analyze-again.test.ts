import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { bytesSource } from '../../../src-main/onnx/byte-source.ts';
import { readModel } from '../../../src-main/onnx/onnx-file.ts';
import type { Analysis } from '../../../src-shared/analysis.ts';
import { picture } from '../engine/inside/engine-scene.ts';
import { fovea } from '../fovea.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { smallCard } from '../small-card.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const NO_ENGINE = pathToFileURL(join(import.meta.dirname, 'no-engine.mjs')).href;
const OUTPUT = readModel(bytesSource(smallClassifier().bytes)).outputs[0]!.name;

const card = (mean: number) =>
  JSON.stringify({
    ...smallCard(OUTPUT, { mean: [mean, 0, 0] }),
    labels: ['ant', 'bee', 'cat', 'dog', 'elk', 'fox', 'gnu', 'hen'],
  });

/** Commands on a model and a photo of their own; `inOneProcess` those that can start no engine. */
async function scene() {
  const cwd = temporaryFolder({ 'small.json': card(0), 'plain/.keep': '' });
  writeModel(cwd, 'small.onnx', smallClassifier());
  writeModel(join(cwd, 'plain'), 'plain.onnx', smallClassifier());
  await picture(join(cwd, 'photo.png'), 1);
  const dataFolder = join(cwd, 'data');
  const env = { ...process.env, NODE_OPTIONS: `--import ${NO_ENGINE}` };
  const words = (more: readonly string[]) => ['analyze', 'photo.png', '--model', 'small.onnx', ...more];
  return {
    cwd,
    store: join(dataFolder, 'runs.sqlite'),
    analyze: (...more: string[]) => fovea(words(more), { cwd, dataFolder }),
    inOneProcess: (...more: string[]) => fovea(words(more), { cwd, dataFolder, env }),
  };
}

const parsed = (text: string) => JSON.parse(text) as Analysis;

describe('a photo that was analysed before', () => {
  test('is looked up without any engine, and the document is the same, timings apart', async () => {
    const { analyze, inOneProcess } = await scene();
    const first = await analyze('--json');
    const again = await inOneProcess('--json');
    expect([first.code, again.code, again.stderr]).toEqual([0, 0, '']);
    const [measured, found] = [parsed(first.stdout), parsed(again.stdout)];
    expect([measured.fromEarlierRun, found.fromEarlierRun]).toEqual([false, true]);
    expect(found.timings).toMatchObject({ decodeMs: 0, importanceMs: 0, inferenceMs: 0 });
    // As text, fields in the same order.
    const { timings, fromEarlierRun } = measured;
    expect(JSON.stringify({ ...found, timings, fromEarlierRun })).toBe(JSON.stringify(measured));
    const { stdout } = await inOneProcess();
    expect(stdout.split('\n')[0]).toMatch(/from an earlier run$/);
  });

  test('is looked up for a model without a card, too, which is still told', async () => {
    const { analyze, inOneProcess } = await scene();
    const plain = ['--model', join('plain', 'plain.onnx'), '--json'];
    const first = await analyze(...plain);
    const again = await inOneProcess(...plain);
    expect(again.code).toBe(0);
    expect(again.stderr).toMatch(/^plain.plain\.onnx has no card: .*\n$/);
    expect(first.stderr).toContain(again.stderr);
    expect(parsed(again.stdout)).toMatchObject({ fromEarlierRun: true, layers: parsed(first.stdout).layers });
  });

  test('is measured under another plan, after a change of the card, and where it is no longer the same', async () => {
    const { cwd, analyze, inOneProcess } = await scene();
    await analyze();
    const engineNeeded = { code: 1, stdout: '', stderr: expect.stringContaining('a process was started') as string };
    expect(await inOneProcess('--bits', '5,2')).toMatchObject(engineNeeded);
    writeFileSync(join(cwd, 'small.json'), card(0.5));
    expect(await inOneProcess()).toMatchObject(engineNeeded);
    const changed = parsed((await analyze('--json')).stdout);
    expect(changed.fromEarlierRun).toBe(false);
    expect((await inOneProcess()).code).toBe(0);
    await picture(join(cwd, 'photo.png'), 2);
    expect(await inOneProcess()).toMatchObject(engineNeeded);
  });

  test('is measured anew with --no-cache, and that is not kept', async () => {
    const { store, analyze, inOneProcess } = await scene();
    const first = parsed((await analyze('--json', '--no-cache')).stdout);
    expect(existsSync(store)).toBe(false);
    await analyze();
    expect(await inOneProcess('--no-cache')).toMatchObject({ code: 1 });
    const anew = parsed((await analyze('--json', '--no-cache')).stdout);
    expect(anew).toEqual({ ...first, timings: anew.timings });
  });

  test('is measured with a note where the store is damaged, which is left as it is', async () => {
    const { store, analyze } = await scene();
    await analyze();
    writeFileSync(store, 'no store');
    const { code, stdout, stderr } = await analyze('--json');
    expect(code).toBe(0);
    expect(parsed(stdout).fromEarlierRun).toBe(false);
    expect(stderr.match(/nothing is looked up in the run store/g)).toHaveLength(1);
    expect(readFileSync(store, 'utf8')).toBe('no store');
  });
});
