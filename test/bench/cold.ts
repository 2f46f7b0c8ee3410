import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '..', '..');
const PHOTOS = ['watch.jpg', 'pizza.jpg'].map((name) => join(PROJECT, 'resources', 'samples', name));
/** A built checkout of an older commit, to be timed in turns with this one. */
const BEFORE = process.env.FOVEA_BEFORE;
const ROUNDS = 7;

/** From the call of a command to its end or its first answer: `FOVEA_BEFORE=<built checkout> npm run bench -- cold` holds it against another. */
export async function benchCold(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fovea-bench-cold-'));
  const projects = [PROJECT, ...(BEFORE ? [BEFORE] : [])];
  const works = [
    {
      name: 'fovea analyze, the first photo ever',
      target: '0.70',
      run: (project: string) => analysed(project, folder, [0]),
    },
    {
      name: 'fovea analyze, another photo',
      target: '0.70',
      run: (project: string) => analysed(project, folder, [0, 1]),
    },
    {
      name: 'fovea analyze, a photo again',
      target: '1.00',
      run: (project: string) => analysed(project, folder, [0, 0]),
    },
    { name: 'fovea serve, its first page', target: '250 ms', run: (project: string) => served(project, folder) },
  ];
  try {
    const lines: string[] = [];
    for (const { name, target, run } of works) {
      const times = projects.map((): number[] => []);
      for (let round = 0; round < ROUNDS; round++)
        for (const [index, project] of projects.entries()) times[index]!.push(await run(project));
      const [now, before] = times.map(median);
      const ratio = before === undefined ? '' : `, ${(now! / before).toFixed(3)} of ${before.toFixed(0)} ms before`;
      lines.push(`${name}: ${now!.toFixed(0)} ms${ratio} (target ${target})`);
    }
    return lines;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const median = (times: readonly number[]) => times.toSorted((a, b) => a - b)[times.length >> 1]!;

const environment = (data: string) => ({ ...process.env, FOVEA_DATA: data });

/** Milliseconds of the last of some analyses, in a data folder that is empty before the first. */
function analysed(project: string, folder: string, photos: readonly number[]): Promise<number> {
  const data = mkdtempSync(join(folder, 'data-'));
  let milliseconds = 0;
  for (const photo of photos) {
    const start = performance.now();
    const words = [join(project, 'src-main', 'fovea.mjs'), 'analyze', PHOTOS[photo]!, '--quiet'];
    const { status } = spawnSync(process.execPath, words, { env: environment(data), stdio: 'ignore' });
    if (status !== 0) throw new Error(`fovea analyze ended with ${status}`);
    milliseconds = performance.now() - start;
  }
  return Promise.resolve(milliseconds);
}

/** Milliseconds from the call until the page has come, packed as browsers take it. */
async function served(project: string, folder: string): Promise<number> {
  const start = performance.now();
  const words = [join(project, 'src-main', 'fovea.mjs'), 'serve', '--no-open', '--port', '0'];
  const host: ChildProcess = spawn(process.execPath, words, {
    env: environment(mkdtempSync(join(folder, 'served-'))),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(host.stdout!, 'data')) as [Buffer];
  const page = await fetch(new URL('/', /http:\/\/\S+/.exec(line.toString())![0]));
  await page.text();
  const milliseconds = performance.now() - start;
  host.kill('SIGTERM');
  await once(host, 'exit');
  return milliseconds;
}
