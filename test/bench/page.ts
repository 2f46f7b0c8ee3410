import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';

const CLI = join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js');

export interface Served extends AsyncDisposable {
  readonly pid: number;
  readonly address: string;
}

/** The browser host over a data folder. @throws Error when it ends before it has told its address */
export async function served(dataFolder: string): Promise<Served> {
  const host = spawn(process.execPath, [CLI, 'serve', '--no-open', '--port', '0'], {
    env: { ...process.env, FOVEA_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // Listened for from the beginning: who waits for the end of what has ended waits for ever.
  const ended = new Promise<null>((done) => host.once('exit', () => done(null)));
  const told = once(host.stdout!, 'data').then(([line]) => String(line));
  const line = await Promise.race([told, ended]);
  if (line === null) throw new Error(`fovea serve ended with ${host.exitCode ?? host.signalCode}`);
  return {
    pid: host.pid!,
    address: /http:\/\/\S+/.exec(line)![0],
    async [Symbol.asyncDispose]() {
      host.kill('SIGTERM');
      await ended;
    },
  };
}

const ROUNDS = 12;

/**
 * Milliseconds of what the page itself times, beside their target: the median, and what other work on the machine disturbs less, the
 * least and the processor time of the page.
 */
export async function times(
  what: string,
  target: number,
  pid: number,
  one: (index: number) => Promise<number>,
): Promise<string> {
  const all: number[] = [];
  const before = processorSeconds(pid);
  for (let index = 0; index < ROUNDS; index++) all.push(await within(what, one(index)));
  const spent = ((processorSeconds(pid) - before) * 1000) / ROUNDS;
  all.sort((a, b) => a - b);
  return (
    `${what}: ${all[all.length >> 1]!.toFixed(0)} ms, median, ${all[0]!.toFixed(0)} at least (target ${target}); ` +
    `${spent.toFixed(0)} ms of processor time`
  );
}

/** @throws Error when it takes a minute: what the page waits for will not come. */
async function within<Result>(what: string, work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, failed) => {
    timer = setTimeout(failed, 60_000, new Error(`${what}: not after a minute`));
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Of one process with all its threads, since it began. */
export function processorSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

export const TICKS_A_SECOND = 100;

/** The process that the page lies in: the one that works when it does. */
export async function rendererPid(page: Page): Promise<number> {
  const session = await page.context().browser()!.newBrowserCDPSession();
  const spent = async () => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    return new Map(processInfo.filter(({ type }) => type === 'renderer').map(({ id, cpuTime }) => [id, cpuTime]));
  };
  const before = await spent();
  await page.evaluate(() => {
    const end = performance.now() + 300;
    while (performance.now() < end);
  });
  const growth = [...(await spent())].map(([id, seconds]) => [id, seconds - (before.get(id) ?? 0)] as const);
  return growth.reduce((most, one) => (one[1] > most[1] ? one : most))[0];
}

/** What a process has for itself, with its part of what it shares. */
export function rendererMebibytes(pid: number): number {
  return Number(/Pss:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))![1]) / 1024;
}
