import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import type { ImageAnswer, ImageTask } from '../image-process.ts';
import type { ImageReader } from './image-shelf.ts';
import type { ChildProcessPort, SpawnProcess } from '../engine/process-port.ts';

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

  const start = (): ChildProcessPort => {
    const started = spawn(script);
    started.onMessage((message) => {
      const job = current;
      current = null;
      // The process runs this build's own code: its messages are what its types say.
      job?.resolve(message as ImageAnswer);
      work();
    });
    started.onExit((cause) => {
      const job = current;
      child = null;
      current = null;
      job?.reject(ended(job.task.path, cause));
      work();
    });
    return started;
  };

  const work = () => {
    if (current) return;
    current = urgent.shift() ?? thumbnails.shift() ?? null;
    if (!current) return;
    child ??= start();
    child.send(current.task);
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
