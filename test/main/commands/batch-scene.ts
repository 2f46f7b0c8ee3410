import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, expect, onTestFinished } from 'vitest';
import { randomGenerator } from '../../../src-shared/importance/random.ts';
import type { PlanReport, PolicyReport, RunRecord } from '../../../src-shared/runs/run-record.ts';
import { builtFile } from '../../built.ts';
import { type CommandOutcome, fovea } from '../fovea.ts';
import type { HeldEngines } from '../held-engines.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';

/** Of one test file: a small network, the photos it asks for, and what its commands keep. */
export const folder = mkdtempSync(join(tmpdir(), 'fovea-batch-'));
writeModel(folder, 'small.onnx', smallClassifier());
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A folder of small photos, a fifth of them in a folder of their own, with labels of the network's eight classes. */
export async function writePhotos(name: string, count: number): Promise<void> {
  // Folders of other sizes have other photos.
  const random = randomGenerator(count);
  mkdirSync(join(folder, name, 'a folder'), { recursive: true });
  const labels = ['file,label'];
  for (let index = 0; index < count; index++) {
    const file = index % 5 === 0 ? `a folder/${index}.png` : `${index}.png`;
    const pixels = Uint8Array.from({ length: 3 * 24 * 20 }, (_, at) => 40 * (at % 3) + 100 * random());
    await sharp(pixels, { raw: { width: 24, height: 20, channels: 3 } })
      .png()
      .toFile(join(folder, name, file));
    labels.push(`${file},${index % 8}`);
  }
  writeFileSync(join(folder, name, 'labels.csv'), labels.join('\n'));
}

export interface BatchJson {
  readonly run: Omit<RunRecord, 'failed'> & {
    readonly failed: { path: string; reason: string }[];
    imagesPerSecond: number;
  };
  readonly plans: (PlanReport & {
    energy: { accelerator: string; savedVs8bit: number; savedVsStatic: number | null }[];
  })[];
  readonly controls: (PlanReport & { number: number })[];
  readonly policies: PolicyReport[];
}

export const run = (...words: string[]): Promise<CommandOutcome> =>
  fovea(words, { cwd: folder, dataFolder: join(folder, 'data') });
/** With one engine: so few images take longer to start a second one for than to evaluate. Runs that are broken off have two. */
export const batch = (...words: string[]) => run('batch', '--model', 'small.onnx', '--workers', '1', ...words);

export async function json<Result = BatchJson>(outcome: Promise<CommandOutcome>, expected = 0): Promise<Result> {
  const { code, stdout, stderr } = await outcome;
  expect([code, stderr]).toEqual([expected, expect.any(String)]);
  return JSON.parse(stdout) as Result;
}

/** A command whose engines hold, see `HeldEngines`: it goes on until it is stopped, killed, or its engines are let go. */
export function started({ env }: HeldEngines, ...words: string[]) {
  const child = spawn(process.execPath, [builtFile('cli.js'), ...words], {
    cwd: folder,
    env: { ...env, FOVEA_DATA: join(folder, 'data') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (chunk) => (stderr += String(chunk)));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, stderr }));
  return { child, ended };
}

/** What is the same of a run that was broken off and gone on with, and of one that was not. */
export const toldOf = ({ name, status, plans, images, finished, resultsSha256 }: RunRecord) => ({
  ...{ name, status, plans, images, finished, resultsSha256 },
});
export const runsOf = (db: string) => json<RunRecord[]>(run('runs', 'list', '--db', db, '--json'));
