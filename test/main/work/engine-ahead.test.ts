import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ToEngine } from '../../../src-main/engine/engine-protocol.ts';
import { DEFAULT_MODEL } from '../../../src-main/models/model-library.ts';
import { Bench } from '../../../src-main/work/bench.ts';
import { engineAhead } from '../../../src-main/work/engine-ahead.ts';
import { heldPipe } from '../held-pipe.ts';
import { temporaryFolder } from '../temporary-folder.ts';

/** Starts no process, and remembers what is said to it. */
function scene() {
  const folder = temporaryFolder({ 'photo.png': 'a photo' });
  const said: (ToEngine | 'started' | 'ended')[] = [];
  const order = {
    engineScript: 'engine.js',
    dataFolder: folder,
    spawn: () => {
      said.push('started');
      return {
        send: (message: unknown) => void said.push(message as ToEngine),
        onMessage: () => undefined,
        onExit: () => undefined,
        kill: () => void said.push('ended'),
      };
    },
    db: join(folder, 'runs.sqlite'),
    pixels: {},
    model: undefined,
    images: [join(folder, 'photo.png')],
  };
  return { folder, said, order };
}

test('where the store knows nothing of a photo an engine opens the model, and the bench goes on with it', async () => {
  const { folder, said, order } = scene();
  const ahead = await engineAhead(order);
  expect(said).toMatchObject(['started', { kind: 'task', name: 'open' }]);
  const bench = new Bench({ ...order, version: '', cache: false, ahead });
  const { path } = bench.library.find(DEFAULT_MODEL);
  expect(ahead?.path).toBe(path);
  expect(bench.engineFor(path)).toBe(ahead?.engine);
  // The engine takes the same request for the same model, which is then open.
  expect(said[1]).toMatchObject({ input: { model: bench.requestFor(path) } });
  bench.close();
  expect(said.at(-1)).toBe('ended');
  writeFileSync(join(folder, 'runs.sqlite'), 'no store');
  const damaged = await engineAhead(order);
  damaged?.engine.close();
  expect(said.slice(-3)).toMatchObject(['started', { name: 'open' }, 'ended']);
});

test.skipIf(process.platform === 'win32')('a store that is a pipe is not waited for', async () => {
  const { folder, order } = scene();
  const ahead = await engineAhead({ ...order, db: heldPipe(join(folder, 'pipe'), 'no store') });
  ahead?.engine.close();
  expect(ahead).not.toBeNull();
});

test('no engine is left behind where there is no such model: whoever asks for it says so', async () => {
  const { said, order } = scene();
  expect(await engineAhead({ ...order, model: 'unheard-of' })).toBeNull();
  expect(said).toEqual(['started', 'ended']);
});
