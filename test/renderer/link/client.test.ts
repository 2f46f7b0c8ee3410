import { beforeEach, describe, expect, test, vi } from 'vitest';
import { hostGone, type Carrier } from '../../../src-renderer/link/carrier.ts';
import { Client } from '../../../src-renderer/link/client.ts';
import { figuresOf } from '../../../src-shared/work.ts';
import type { HostMessage, PageMessage } from '../../../src-shared/contract/messages.ts';

let sent: PageMessage[];
let client: Client;
let say: (message: HostMessage | Record<string, unknown>) => void;
let connection: (connected: boolean) => void;
let connected: boolean;

beforeEach(() => {
  sent = [];
  connected = true;
  const carrier: Carrier = {
    send(message) {
      if (!connected) throw hostGone();
      sent.push(message);
    },
    receive(listeners) {
      say = (message) => listeners.message(message);
      connection = (state) => {
        connected = state;
        listeners.connection(state);
      };
    },
    sendDropped: async () => ({ files: [], failed: [] }),
    sendFiles: async (files) => ({
      files: files.filter(({ size }) => size > 0).map(({ name }) => ({ path: `/photos/${name}` })),
      failed: files
        .filter(({ size }) => size === 0)
        .map(({ name }) => ({ name, error: { code: 'image-empty', message: name, next: '' } })),
    }),
  };
  client = new Client(carrier);
});

const lastId = () => sent.at(-1)!.id;

test('answers come to the calls they belong to, in any order', async () => {
  const info = client.call('app.info', {});
  const first = lastId();
  const models = client.call('models.list', {});
  say({ kind: 'result', id: lastId(), value: [] });
  say({ kind: 'result', id: first, value: { version: '1' } });
  expect(await models).toEqual([]);
  expect(await info).toEqual({ version: '1' });
});

test('an error keeps its code and its advice', async () => {
  const opening = client.call('models.open', { modelId: 'x' });
  say({
    kind: 'error',
    id: lastId(),
    error: { code: 'model-unknown', message: 'no model x', next: 'Choose another.' },
  });
  await expect(opening).rejects.toMatchObject({
    code: 'model-unknown',
    message: 'no model x',
    next: 'Choose another.',
  });
});

test('progress is told until the answer', async () => {
  const told: unknown[] = [];
  const opening = client.call('models.open', { modelId: 'x' }, { onProgress: (figures) => told.push(figures) });
  const id = lastId();
  const figures = figuresOf('opening-model', { done: 1 });
  say({ kind: 'progress', id, figures });
  say({ kind: 'result', id, value: {} });
  await opening;
  say({ kind: 'progress', id, figures });
  expect(told).toEqual([figures]);
});

describe('a cancelled call', () => {
  test('fails at once, tells the machine, and its late answer is nobody’s', async () => {
    const controller = new AbortController();
    const listing = client.call('runs.list', {}, { signal: controller.signal });
    const id = lastId();
    controller.abort();
    await expect(listing).rejects.toMatchObject({ code: 'cancelled' });
    expect(sent.at(-1)).toEqual({ kind: 'cancel', id });
    say({ kind: 'result', id, value: [] });
  });

  test('that was cancelled before is not sent', async () => {
    await expect(client.call('runs.list', {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
    expect(sent).toEqual([]);
  });

  test('after its answer changes nothing', async () => {
    const controller = new AbortController();
    const listing = client.call('runs.list', {}, { signal: controller.signal });
    say({ kind: 'result', id: lastId(), value: [] });
    await listing;
    controller.abort();
    expect(sent).toHaveLength(1);
  });
});

describe('in one slot', () => {
  test('a newer call cancels the older; only its own answer counts', async () => {
    const older = client.call('models.open', { modelId: 'a' }, { slot: 'model' });
    const olderId = lastId();
    const newer = client.call('models.open', { modelId: 'b' }, { slot: 'model' });
    const newerId = lastId();
    await expect(older).rejects.toMatchObject({ code: 'cancelled' });
    expect(sent.map(({ kind, id }) => [kind, id])).toEqual([
      ['request', olderId],
      ['cancel', olderId],
      ['request', newerId],
    ]);
    say({ kind: 'result', id: olderId, value: { id: 'a' } });
    say({ kind: 'result', id: newerId, value: { id: 'b' } });
    expect(await newer).toEqual({ id: 'b' });
  });

  test('a call leaves those of other slots alone', async () => {
    const one = client.call('runs.list', {}, { slot: 'one' });
    const id = lastId();
    void client.call('runs.list', {}, { slot: 'two' }).catch(() => undefined);
    say({ kind: 'result', id, value: [] });
    expect(await one).toEqual([]);
  });
});

test('without connection, calls fail with what to do, and the return is told', async () => {
  const states: boolean[] = [];
  client.onConnection((state) => states.push(state));
  const waiting = client.call('runs.list', {});
  connection(false);
  await expect(waiting).rejects.toMatchObject({ code: 'host-gone', next: expect.stringContaining('Fovea') });
  await expect(client.call('runs.list', {})).rejects.toMatchObject({ code: 'host-gone' });
  connection(true);
  const again = client.call('runs.list', {});
  say({ kind: 'result', id: lastId(), value: [] });
  expect(await again).toEqual([]);
  expect(states).toEqual([false, true]);
});

test('what is only read waits for the connection, unless it is given up', async () => {
  const waiting = client.read('runs.list', {});
  const given = new AbortController();
  const unwanted = client.read('samples.list', {}, { signal: given.signal });
  connection(false);
  const late = client.read('models.list', {});
  await Promise.resolve();
  given.abort();
  await expect(unwanted).rejects.toMatchObject({ code: 'cancelled' });
  sent = [];
  connection(true);
  await vi.waitFor(() => expect(sent).toHaveLength(2));
  expect(sent.map((message) => message.kind === 'request' && message.procedure)).toEqual(['runs.list', 'models.list']);
  for (const { id } of sent) say({ kind: 'result', id, value: [] });
  expect([await waiting, await late]).toEqual([[], []]);
});

test('events reach those who listen, checked, until they stop', () => {
  const heard: string[] = [];
  const stop = client.on('engine.state', ({ state }) => heard.push(state));
  say({ kind: 'event', event: 'engine.state', value: { state: 'ready', error: null } });
  say({ kind: 'event', event: 'constructor', value: {} });
  const complaint = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  say({ kind: 'event', event: 'engine.state', value: { state: 'asleep' } });
  say({ kind: 'answer' });
  expect(complaint).toHaveBeenCalledTimes(2);
  complaint.mockRestore();
  stop();
  say({ kind: 'event', event: 'engine.state', value: { state: 'ready', error: null } });
  expect(heard).toEqual(['ready']);
});

test('files that cannot be sent are listed beside those that cannot be opened', async () => {
  const opening = client
    .sendFiles([new File(['x'], 'a.jpg'), new File([], 'empty.jpg')])
    .then((sent) => client.openSent(sent));
  await expect.poll(() => sent.length).toBe(1);
  expect(sent[0]).toMatchObject({ procedure: 'files.open', input: { files: [{ path: '/photos/a.jpg' }] } });
  const failed = { name: 'a.jpg', error: { code: 'image-damaged', message: 'a', next: '' } };
  say({ kind: 'result', id: lastId(), value: { images: [], models: [], failed: [failed], skipped: 0 } });
  expect((await opening).failed.map(({ name }) => name)).toEqual(['empty.jpg', 'a.jpg']);
  expect(await client.openSent(await client.sendFiles([new File([], 'empty.jpg')]))).toMatchObject({
    images: [],
    failed: [{ name: 'empty.jpg' }],
  });
});
