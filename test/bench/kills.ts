import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { listRuns } from '../../src-main/store/run-query.ts';
import { openRunStore } from '../../src-main/store/run-store.ts';
import { smallClassifier, writeModel } from '../main/onnx/onnx-models.ts';

/**
 * `npm run bench -- kills`: a batch killed at moments drawn by chance, and called again until it is done, over and over. Nothing may be lost or
 * doubled, no two runs may have one name, and no engine may be left. FOVEA_KILLS says how many kills; default 500. The network is a small
 * one: the less it computes, the more of the kills meet the opening and writing of the store.
 */

const PROJECT = join(import.meta.dirname, '../..');
const CLI = join(PROJECT, 'out', 'main', 'cli.js');
const PHOTOS = join(PROJECT, 'resources', 'samples');
const KILLS = Number(process.env.FOVEA_KILLS ?? 500);

interface Listed {
  readonly id: string;
  readonly status: string;
  readonly resultsSha256: string | null;
}

export async function benchKills(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-kills-'));
  const env = { ...process.env, FOVEA_DATA: folder };
  const model = writeModel(folder, 'small.onnx', smallClassifier());
  const batch = (db: string) => [
    ...[CLI, 'batch', PHOTOS, '--model', model, '--db', join(folder, db), '--workers', '1', '--quiet'],
  ];
  const runs = (db: string): readonly Listed[] =>
    JSON.parse(
      execFileSync(process.execPath, [CLI, 'runs', 'list', '--json', '--db', join(folder, db)], { env }).toString(),
    );
  try {
    const start = performance.now();
    execFileSync(process.execPath, batch('whole'), { env });
    const whole = performance.now() - start;
    const digest = runs('whole')[0]!.resultsSha256;
    let kills = 0;
    let rounds = 0;
    const wrong = { lost: 0, doubled: 0, differ: 0 };
    while (kills < KILLS) {
      const db = `round-${rounds++}`;
      let inThisRun = 0;
      for (let ended = false; !ended;) {
        const child = spawn(process.execPath, batch(db), { env, stdio: 'ignore' });
        const exit = once(child, 'exit') as Promise<[number | null]>;
        // On a machine that has become busier, a run would never come to its end otherwise.
        const longest = 1.1 * whole * (1 + inThisRun / 10);
        const killed = await Promise.race([exit.then(() => false), sleep(Math.random() * longest).then(() => true)]);
        if (killed && child.kill('SIGKILL')) {
          kills++;
          inThisRun++;
          if (kills % 50 === 0) console.log(`${kills} kills so far, over ${rounds} runs: ${wrongText(wrong)}`);
        }
        // One that was killed once all was done is not called again: the same order would begin another run.
        ended = (await exit)[0] === 0 || isComplete(join(folder, db));
      }
      const listed = runs(db);
      if (!listed.some(({ status }) => status === 'complete')) wrong.lost++;
      else if (listed.length > 1) wrong.doubled++;
      else if (listed[0]!.resultsSha256 !== digest) wrong.differ++;
      for (const end of ['', '-wal', '-shm']) rmSync(join(folder, db + end), { force: true });
    }
    await sleep(1000);
    return [`${kills} kills over ${rounds} runs: ${wrongText(wrong)} (${digest}); ${enginesLeft(folder)} engines left`];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const wrongText = ({ lost, doubled, differ }: Readonly<Record<'lost' | 'doubled' | 'differ', number>>) =>
  `${lost} lost, ${doubled} doubled, ${differ} whose digest differs`;

function isComplete(file: string): boolean {
  if (!existsSync(file)) return false;
  using store = openRunStore(file);
  return listRuns(store).some(({ status }) => status === 'complete');
}

/** Processes that still have the folder in their environment. */
function enginesLeft(folder: string): number {
  return readdirSync('/proc').filter((pid) => {
    try {
      return (
        /^\d+$/.test(pid) &&
        Number(pid) !== process.pid &&
        readFileSync(`/proc/${pid}/environ`, 'latin1').includes(folder)
      );
    } catch {
      return false;
    }
  }).length;
}
