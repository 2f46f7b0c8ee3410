import { FoveaError, fromErrorRecord } from '../../src-shared/errors.ts';
import type { EndedBy, SpawnProcess } from '../engine/process-port.ts';
import { type AskOptions, isOf, taskProcess } from '../engine/task-process.ts';
import type { ImageAnswer, ImageTask } from '../image-process.ts';
import type { ImageReader } from './image-shelf.ts';

/** The largest image that is accepted takes a few seconds. */
const HANG_MS = 60_000;

/** Keeps the process that reads images for the view. What the user waits for goes before thumbnails and their maps. */
export function imageReader(script: string, spawn: SpawnProcess): ImageReader & { close(): void } {
  const reading = taskProcess<ImageTask, ImageAnswer>(script, spawn, {
    ended: ({ path }, cause, by) => ENDED[by](path, cause),
    hangMs: HANG_MS,
  });

  const ask = async <Kind extends ImageTask['kind']>(
    task: Extract<ImageTask, { kind: Kind }>,
    kind: Kind,
    options: AskOptions,
  ): Promise<Extract<ImageAnswer, { kind: Kind }>> => {
    const answer = await reading.ask(task, options);
    if (answer.kind === 'error') throw fromErrorRecord(answer.error);
    if (!isOf(answer, kind)) throw new Error(`the ${kind} of ${task.path} was asked for`);
    return answer;
  };

  return {
    size: async (path) => (await ask({ kind: 'size', path }, 'size', {})).size,
    async picture(path, maxSide, purpose, signal) {
      const task = { kind: 'picture', path, maxSide, small: purpose === 'tile' } as const;
      return (await ask(task, 'picture', { waits: purpose !== 'preview', signal })).picture;
    },
    map: async (path, photo) => (await ask({ kind: 'map', path, photo }, 'map', {})).sha256,
    levels: async (path, preprocessing, plan, signal) =>
      (await ask({ kind: 'levels', path, preprocessing, plan }, 'levels', { waits: true, signal })).map,
    close: () => reading.close(),
  };
}

/** Whoever ended the decoder, the file is blamed only where it may be the cause. */
const ENDED: Readonly<Record<EndedBy, (path: string, cause: string) => FoveaError>> = {
  itself: (path, cause) =>
    new FoveaError(
      'image-damaged',
      `${path}: the image decoder ended while it read this file (${cause})`,
      'The file may be damaged: fetch or save it again.',
    ),
  memory: (path) =>
    new FoveaError(
      'image-too-large',
      `${path}: reading this image took more memory than it may`,
      'Make the image smaller.',
    ),
  signal: (path, cause) =>
    new FoveaError(
      'image-unreadable',
      `${path}: the image decoder was ended twice while it read this file (${cause})`,
      'Another program has ended it, or the system, where memory was short: open the image again.',
    ),
};
