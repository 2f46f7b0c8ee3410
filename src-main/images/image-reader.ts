import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import type { ImageAnswer, ImageTask } from '../image-process.ts';
import type { ImageReader } from './image-shelf.ts';
import type { ChildProcessPort, SpawnProcess } from '../engine/process-port.ts';

/** The largest image that is accepted takes a few seconds. */
const HANG_MS = 60_000;

interface Job {
  readonly task: ImageTask;
  resolve(answer: ImageAnswer): void;
  reject(error: Error): void;
}

/**
 * Keeps the process that reads images for the view: started when first needed, and again after a crash, which fails the one image
 * it was at. What the user waits for goes before thumbnails.
 */
export function imageReader(script: string, spawn: SpawnProcess): ImageReader & { close(): void } {
  const urgent: Job[] = [];
  const thumbnails: Job[] = [];
  let current: Job | null = null;
  let child: ChildProcessPort | null = null;
  let watchdog: NodeJS.Timeout | undefined;

  const start = (): ChildProcessPort => {
    const started = spawn(script);
    started.onMessage((message) => {
      // What it still says was of an image that is given up.
      if (started !== child) return;
      clearTimeout(watchdog);
      const job = current;
      current = null;
      // The process runs this build's own code: its messages are what its types say.
      job?.resolve(message as ImageAnswer);
      work();
    });
    started.onExit((cause, by) => {
      if (started === child) giveUp((path) => (by === 'memory' ? tooLarge(path) : ended(path, cause)));
    });
    return started;
  };

  /** The process is gone or must go, and takes the image in hand with it. */
  const giveUp = (why: (path: string) => FoveaError) => {
    clearTimeout(watchdog);
    const job = current;
    child?.kill();
    child = null;
    current = null;
    job?.reject(why(job.task.path));
    work();
  };

  const work = () => {
    if (current) return;
    current = urgent.shift() ?? thumbnails.shift() ?? null;
    if (!current) return;
    child ??= start();
    child.send(current.task);
    watchdog = setTimeout(() => giveUp((path) => ended(path, `no answer for ${HANG_MS / 1000} s`)), HANG_MS);
  };

  const ask = async (queue: Job[], task: ImageTask): Promise<ImageAnswer> => {
    const answer = await new Promise<ImageAnswer>((resolve, reject) => {
      queue.push({ task, resolve, reject });
      work();
    });
    if (answer.kind === 'error') throw fromErrorRecord(answer.error);
    return answer;
  };

  return {
    async size(path) {
      const answer = await ask(urgent, { kind: 'size', path });
      if (answer.kind !== 'size') throw new Error(`the size of ${path} was asked for`);
      return answer.size;
    },
    async picture(path, maxSide, purpose) {
      const answer = await ask(purpose === 'preview' ? urgent : thumbnails, { kind: 'picture', path, maxSide });
      if (answer.kind !== 'picture') throw new Error(`a picture of ${path} was asked for`);
      return answer.picture;
    },
    close() {
      urgent.length = 0;
      thumbnails.length = 0;
      clearTimeout(watchdog);
      child?.kill();
    },
  };
}

function ended(path: string, cause: string): FoveaError {
  return new FoveaError(
    'image-damaged',
    `${path}: the image decoder ended while it read this file (${cause})`,
    'The file may be damaged: fetch or save it again.',
  );
}

function tooLarge(path: string): FoveaError {
  return new FoveaError(
    'image-too-large',
    `${path}: reading this image took more memory than it may`,
    'Make the image smaller.',
  );
}
