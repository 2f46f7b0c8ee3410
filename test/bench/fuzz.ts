import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FuzzAnswer, FuzzJob } from './fuzz-process.ts';

// `npm run bench fuzz`: mutated models and images; FUZZ_MODELS, FUZZ_IMAGES and FUZZ_SEED say how many and from where on.

const MODELS = Number(process.env['FUZZ_MODELS'] ?? 1_000);
const IMAGES = Number(process.env['FUZZ_IMAGES'] ?? 2_000);
const FIRST_SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const TIMEOUT_MS = 20_000;
/** What a mutated size may make a library ask for is not to take the machine with it. */
const MOST_BYTES = 2 * 2 ** 30;

/** What no refusal may show. */
const LEAKS = /undefined|unknown error|\[object|\bNaN\b|\n\s+at |onnxruntime_src|[\w>]::\w|\bVips[A-Z]/i;

type Outcome = FuzzAnswer['outcome'] | 'ended' | 'hung' | 'leaks';

/** One process after another: a crash or a hang takes the process in hand. */
class Worker {
  readonly #folder = mkdtempSync(join(tmpdir(), 'fovea-fuzz-'));
  #child: ChildProcess | null = null;

  async try(job: FuzzJob): Promise<{ outcome: Outcome; text: string }> {
    const child = (this.#child ??= fork(join(import.meta.dirname, 'fuzz-process.ts'), [this.#folder], {
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    }));
    return new Promise((resolve) => {
      let late = false;
      const watch = setInterval(() => {
        if (residentBytes(child.pid!) > MOST_BYTES) stop();
      }, 100);
      const stop = () => {
        late = true;
        child.kill('SIGKILL');
      };
      const timer = setTimeout(stop, TIMEOUT_MS);
      const finish = (result: { outcome: Outcome; text: string }) => {
        clearInterval(watch);
        clearTimeout(timer);
        child.off('message', answered);
        child.off('exit', ended);
        resolve(result);
      };
      const answered = (answer: FuzzAnswer) =>
        finish(answer.outcome === 'refused' && LEAKS.test(answer.text) ? { ...answer, outcome: 'leaks' } : answer);
      const ended = (_code: number | null, signal: string | null) => {
        this.#child = null;
        finish({ outcome: late ? 'hung' : 'ended', text: String(signal) });
      };
      child.on('message', answered);
      child.on('exit', ended);
      child.send(job);
    });
  }

  close(): void {
    this.#child?.kill('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

async function fuzz(kind: FuzzJob['kind'], count: number): Promise<string[]> {
  const worker = new Worker();
  const counts = new Map<Outcome, number>();
  const shown: string[] = [];
  for (let seed = FIRST_SEED; seed < FIRST_SEED + count; seed++) {
    const { outcome, text } = await worker.try({ kind, seed });
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    if (['unforeseen', 'leaks'].includes(outcome) && shown.length < 5)
      shown.push(`  seed ${seed}, ${outcome}: ${text.slice(0, 300)}`);
  }
  worker.close();
  const text = [...counts].map(([outcome, number]) => `${number} ${outcome}`).join(', ');
  return [`${kind}: ${count} mutated: ${text}`, ...shown];
}

/** Of the main process none may end, hang, be unforeseen or leak; an engine or a decoder may end, since it is a process of its own. */
export async function benchFuzz(): Promise<string[]> {
  return [...(await fuzz('file', MODELS)), ...(await fuzz('model', MODELS)), ...(await fuzz('image', IMAGES))];
}
