import { describe, expect, test } from 'vitest';
import { openConversation, type Handlers } from '../../../src-main/host/conversation.ts';
import type { HostMessage } from '../../../src-shared/contract/messages.ts';
import { FoveaError } from '../../../src-shared/errors.ts';
import { figuresOf } from '../../../src-shared/work.ts';

/** Handlers of which those named answer; calling another one is a failure of the test. */
function handlersOf(some: Partial<Handlers>): Handlers {
  return new Proxy(some, {
    get(target, name) {
      const handler = Reflect.get(target, name);
      if (!handler) throw new Error(`unexpected call of ${String(name)}`);
      return handler;
    },
  }) as Handlers;
}

function start(some: Partial<Handlers>) {
  const sent: HostMessage[] = [];
  const waiting: (() => void)[] = [];
  const session = openConversation(handlersOf(some), (message) => {
    sent.push(message);
    for (const wake of waiting.splice(0)) wake();
  });
  const next = async (count: number) => {
    while (sent.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return sent;
  };
  return { session, sent, next };
}

const request = (id: number, procedure: string, input: unknown = {}) => ({ kind: 'request', id, procedure, input });

describe('a session', () => {
  test('answers a request with its result, and bytes stay bytes', async () => {
    const { session, next } = start({
      'images.thumbnail': ({ maxSide }) => ({
        mime: 'image/webp',
        bytes: new Uint8Array([1, 2]),
        width: maxSide,
        height: 1,
      }),
    });
    session.receive(request(7, 'images.thumbnail', { imageId: 'a' }));
    expect(await next(1)).toEqual([
      {
        kind: 'result',
        id: 7,
        value: { mime: 'image/webp', bytes: new Uint8Array([1, 2]), width: 256, height: 1 },
      },
    ]);
  });

  test.each([
    ['an unknown procedure', 'files.delete', {}],
    ['an inherited name', 'constructor', {}],
    ['a missing field', 'models.open', {}],
    ['a field of the wrong type', 'models.open', { modelId: 3 }],
    ['a field too many', 'models.open', { modelId: 'a', path: '/etc/passwd' }],
    ['an absurd size', 'images.thumbnail', { imageId: 'a', maxSide: 1e9 }],
  ])('refuses %s without calling a handler', async (_, procedure, input) => {
    const { session, next } = start({});
    session.receive(request(1, procedure, input));
    expect(await next(1)).toMatchObject([{ kind: 'error', id: 1, error: { code: 'message-invalid' } }]);
  });

  test.each([null, 1, 'request', [], { kind: 'result', id: 1 }, { kind: 'cancel', id: -1 }, { kind: 'request' }])(
    'refuses %j as a message',
    (raw) => {
      const { session } = start({});
      expect(() => session.receive(raw)).toThrow(FoveaError);
    },
  );

  test('gives the code and the advice of an error a user can act on, and calls the rest a defect', async () => {
    const { session, next } = start({
      'models.list': () => {
        throw new FoveaError('model-damaged', 'a.onnx: truncated', 'Fetch it again.');
      },
      'samples.list': () => Promise.reject(new TypeError('x is undefined')),
    });
    session.receive(request(1, 'models.list'));
    session.receive(request(2, 'samples.list'));
    const sent = await next(2);
    expect(sent[0]).toEqual({
      kind: 'error',
      id: 1,
      error: { code: 'model-damaged', message: 'a.onnx: truncated', next: 'Fetch it again.' },
    });
    expect(sent[1]).toMatchObject({ kind: 'error', id: 2, error: { code: 'internal' } });
  });

  test('cancels one request and leaves the other', async () => {
    const signals = new Map<string, AbortSignal>();
    const release: (() => void)[] = [];
    const { session, next, sent } = start({
      'models.open': async ({ modelId }, { signal, progress }) => {
        signals.set(modelId, signal);
        progress(figuresOf('opening-model', { subject: modelId }));
        await new Promise<void>((resolve) => release.push(resolve));
        throw new FoveaError('model-unknown', modelId);
      },
    });
    session.receive(request(1, 'models.open', { modelId: 'a' }));
    session.receive(request(2, 'models.open', { modelId: 'b' }));
    await next(2);
    session.receive({ kind: 'cancel', id: 1 });
    expect(signals.get('a')?.aborted).toBe(true);
    expect(signals.get('b')?.aborted).toBe(false);
    for (const free of release) free();
    await next(4);
    expect(sent.slice(2)).toMatchObject([
      { kind: 'error', id: 1, error: { code: 'cancelled' } },
      { kind: 'error', id: 2, error: { code: 'model-unknown' } },
    ]);
  });

  test('a second request under a number in use is refused and the first goes on', async () => {
    let finish = () => {};
    const { session, next } = start({
      'runs.list': () => new Promise((resolve) => (finish = () => resolve([]))),
    });
    session.receive(request(1, 'runs.list'));
    session.receive(request(1, 'runs.list'));
    expect(await next(1)).toMatchObject([{ kind: 'error', error: { code: 'message-invalid' } }]);
    finish();
    expect((await next(2))[1]).toEqual({ kind: 'result', id: 1, value: [] });
  });

  test('sends nothing once closed, and cancels what was in work', async () => {
    let signal: AbortSignal | undefined;
    const { session, sent } = start({
      'runs.list': (_, context) => {
        signal = context.signal;
        return new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('gone'))));
      },
    });
    session.receive(request(1, 'runs.list'));
    session.close();
    session.emit('engine.state', { state: 'ready', error: null });
    await new Promise((resolve) => setImmediate(resolve));
    expect(signal?.aborted).toBe(true);
    expect(sent).toEqual([]);
  });
});
