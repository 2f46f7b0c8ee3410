import { Packr } from 'msgpackr';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { once } from 'node:events';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { startBrowserHost, type BrowserHost } from '../../../src-main/host/browser-host.ts';
import { MAX_MESSAGE_BYTES, pageSockets, type PageSockets } from '../../../src-main/host/page-sockets.ts';
import type { Service } from '../../../src-main/host/service.ts';
import type { Handlers } from '../../../src-main/host/conversation.ts';
import { openUploads, type Uploads } from '../../../src-main/host/uploads.ts';
import { PACKING } from '../../../src-shared/contract/packing.ts';
import { figuresOf } from '../../../src-shared/work.ts';

const folder = mkdtempSync(join(tmpdir(), 'fovea-host-'));
const rendererFolder = join(folder, 'renderer');
mkdirSync(join(rendererFolder, 'assets'), { recursive: true });
writeFileSync(join(rendererFolder, 'index.html'), '<!doctype html><title>page</title>');
writeFileSync(join(rendererFolder, 'assets', 'page.js'), 'export {};');
writeFileSync(join(folder, 'secret.js'), 'secret');
/** Long enough to be packed. */
const SCRIPT = 'export const words = "more of the same";\n'.repeat(200);
writeFileSync(join(rendererFolder, 'assets', 'long.js'), SCRIPT);

const THUMBNAIL = { mime: 'image/webp', bytes: Uint8Array.of(0, 127, 255), width: 3, height: 1 };
let cancelled = 0;
const handlers = {
  'app.info': () => ({ version: '1.2.3', host: 'browser', platform: 'linux' }),
  'images.thumbnail': () => THUMBNAIL,
  'models.list': (_, { signal, progress }) => {
    progress(figuresOf('opening-model'));
    return new Promise((_resolve, reject) => {
      signal.addEventListener('abort', () => {
        cancelled++;
        reject(new Error('aborted'));
      });
    });
  },
} satisfies Partial<Handlers> as unknown as Handlers;

let emit: Service['emit'] = () => {};
const service: Service = {
  handlers,
  emit: (event, value) => emit(event, value),
  subscribe(listener) {
    emit = listener;
    return () => (emit = () => {});
  },
};

let host: BrowserHost;
let uploads: Uploads;
beforeAll(async () => {
  uploads = await openUploads(folder);
  host = await startBrowserHost({ rendererFolder, port: 0, sockets: Promise.resolve(pageSockets(service)), uploads });
});
afterAll(async () => {
  await host.close();
  await uploads.remove();
  rmSync(folder, { recursive: true });
});

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

function http(
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  body: string | Buffer = '',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port: host.port, path, method, headers: { host: `127.0.0.1:${host.port}`, ...headers } },
      (response) => {
        let text = '';
        response.on('data', (chunk) => (text += chunk));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

async function fetchBytes(path: string, accepted: string) {
  const headers = { host: `127.0.0.1:${host.port}`, 'accept-encoding': accepted };
  return new Promise<{ headers: IncomingHttpHeaders; bytes: Buffer }>((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port: host.port, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ headers: response.headers, bytes: Buffer.concat(chunks) }));
    });
    request.on('error', reject);
    request.end();
  });
}

/** A connection that says something, or nothing, and waits. It ends nothing by itself. */
async function connection(text = '') {
  const socket = connect({ port: host.port, host: '127.0.0.1', allowHalfOpen: true });
  let closed = false;
  let ended = false;
  let said = '';
  socket.on('end', () => (ended = true));
  socket.on('error', () => undefined);
  socket.on('close', () => (closed = true));
  socket.on('data', (chunk) => (said += String(chunk)));
  await once(socket, 'connect');
  if (text) socket.write(text);
  return { socket, isClosed: () => closed, hasEnded: () => ended || closed, said: () => said };
}

const packr = new Packr(PACKING);
const origin = () => `http://127.0.0.1:${host.port}`;

/** A WebSocket as the page opens it, or as somebody else would. */
function socketOf(protocols = ['fovea', `token.${host.token}`], options: ClientOptions = { origin: origin() }) {
  const socket = new WebSocket(`ws://127.0.0.1:${host.port}/`, protocols, options);
  const opened = new Promise<number>((resolve) => {
    socket.on('open', () => resolve(101));
    socket.on('unexpected-response', (_, response) => resolve(response.statusCode ?? 0));
    socket.on('error', () => undefined);
  });
  const closed = new Promise<number>((resolve) => socket.on('close', resolve));
  const messages: unknown[] = [];
  const waiting: (() => void)[] = [];
  socket.on('message', (data: Buffer) => {
    messages.push(packr.unpack(data));
    for (const wake of waiting.splice(0)) wake();
  });
  const next = async (count: number) => {
    while (messages.length < count) await new Promise<void>((resolve) => waiting.push(resolve));
    return messages;
  };
  return { socket, opened, closed, next, send: (message: unknown) => socket.send(packr.pack(message)) };
}

describe('the files of the view', () => {
  test('are served with a policy that lets the page run nothing but its own scripts', async () => {
    const page = await http('/');
    expect([page.status, page.body]).toEqual([200, '<!doctype html><title>page</title>']);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const policy = page.headers['content-security-policy'];
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    expect(page.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-opener-policy': 'same-origin',
    });
    expect((await http('/assets/page.js')).headers['content-type']).toBe('text/javascript; charset=utf-8');
  });

  test.each([
    '/../secret.js',
    '/assets/../../secret.js',
    '/%2e%2e/secret.js',
    '/..%2fsecret.js',
    '/assets/..%5c..%5csecret.js',
    '//etc/passwd',
    'http://[',
    '/etc/passwd',
    '/assets/page.js%00.html',
    '/absent.js',
    '/assets/',
  ])('are the only files: %s is not found', async (path) => {
    const answer = await http(path);
    expect(answer.status).toBe(404);
    expect(answer.body).not.toContain('secret');
  });

  test('are not served under a foreign name, so that no other site can have it resolve to this machine', async () => {
    for (const name of ['evil.example', `evil.example:${host.port}`, '127.0.0.1.evil.example', '0.0.0.0'])
      expect((await http('/', { host: name })).status).toBe(421);
    for (const name of ['localhost', 'localhost:8080', '[::1]:9', '127.0.0.1'])
      expect((await http('/', { host: name })).status).toBe(200);
  });

  test.each([
    ['br', 'gzip, deflate, br, zstd', brotliDecompressSync],
    ['gzip', 'gzip, br;q=0', gunzipSync],
    ['gzip', 'gzip;q=0.5', gunzipSync],
  ])('are packed with %s for who accepts %s', async (packing, accepted, unpack) => {
    for (let again = 0; again < 2; again++) {
      const response = await fetchBytes('/assets/long.js', accepted);
      expect(response.headers).toMatchObject({ 'content-encoding': packing, vary: 'Accept-Encoding' });
      expect(response.bytes.length).toBeLessThan(SCRIPT.length / 10);
      expect(unpack(response.bytes).toString()).toBe(SCRIPT);
    }
  });

  test('are sent as they are to whom it is nothing, or where there is little to gain', async () => {
    for (const [path, accepted] of [
      ['/assets/long.js', ''],
      ['/assets/long.js', 'identity, br;q=0'],
      ['/assets/page.js', 'br'],
    ] as const)
      expect((await fetchBytes(path, accepted)).headers['content-encoding']).toBeUndefined();
    const replaced = SCRIPT.replaceAll('same', 'new');
    writeFileSync(join(rendererFolder, 'assets', 'long.js'), replaced);
    expect(brotliDecompressSync((await fetchBytes('/assets/long.js', 'br')).bytes).toString()).toBe(replaced);
  });

  test('are sent while what answers the page is still to come, and the first of them is told', async () => {
    const own = await startBrowserHost({ rendererFolder, port: 0, sockets: new Promise(() => undefined), uploads });
    const asked = vi.fn();
    const told = own.hasAnswered.then(asked);
    try {
      await fetch(own.address, { method: 'HEAD' });
      expect(asked).not.toHaveBeenCalled();
      expect(await (await fetch(own.address)).text()).toContain('page');
      await told;
    } finally {
      await own.close();
    }
  });

  test('are read, not written', async () => {
    expect((await http('/', {}, 'POST')).status).toBe(405);
    expect((await http('/', {}, 'DELETE')).status).toBe(405);
  });

  test('are reachable on the loopback interface alone', async () => {
    const outside = Object.values(networkInterfaces())
      .flat()
      .filter((address) => address !== undefined && !address.internal && address.family === 'IPv4');
    for (const { address } of outside.filter((found) => found !== undefined)) {
      const error = await new Promise<NodeJS.ErrnoException | null>((resolve) => {
        const socket = connect(host.port, address, () => {
          socket.destroy();
          resolve(null);
        });
        socket.on('error', resolve);
      });
      expect(error?.code).toBe('ECONNREFUSED');
    }
  });
});

describe('the conversation', () => {
  test('opens with the token; values, bytes and progress arrive as they were', async () => {
    const page = socketOf();
    expect(await page.opened).toBe(101);
    expect(page.socket.protocol).toBe('fovea');
    page.send({ kind: 'request', id: 1, procedure: 'images.thumbnail', input: { imageId: 'a' } });
    const [answer] = await page.next(1);
    expect(answer).toMatchObject({ kind: 'result', id: 1, value: { mime: 'image/webp', width: 3 } });
    const { bytes } = (answer as { value: { bytes: Uint8Array } }).value;
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect([...bytes]).toEqual([0, 127, 255]);

    page.send({ kind: 'request', id: 2, procedure: 'models.list', input: {} });
    expect((await page.next(2))[1]).toEqual({
      kind: 'progress',
      id: 2,
      figures: figuresOf('opening-model'),
    });
    page.send({ kind: 'cancel', id: 2 });
    expect((await page.next(3))[2]).toMatchObject({ kind: 'error', id: 2, error: { code: 'cancelled' } });

    emit('engine.state', { state: 'ready', error: null });
    expect((await page.next(4))[3]).toEqual({
      kind: 'event',
      event: 'engine.state',
      value: { state: 'ready', error: null },
    });
    page.socket.close();
  });

  test('has a token of 256 bits, in the part of the address that is sent to no server', () => {
    expect(Buffer.from(host.token, 'base64url')).toHaveLength(32);
    const address = new URL(host.address);
    expect([address.hostname, address.pathname, address.search]).toEqual(['127.0.0.1', '/', '']);
    expect(address.hash).toBe(`#token=${host.token}`);
  });

  test('is refused without the token', async () => {
    const wrong = Buffer.alloc(32).toString('base64url');
    for (const protocols of [['fovea'], ['fovea', `token.${wrong}`], ['fovea', 'token.'], [`token.${host.token}`]])
      expect(await socketOf(protocols).opened).toBe(401);
  });

  test('is refused to a page of another origin, even on this machine, and to none', async () => {
    const right = ['fovea', `token.${host.token}`];
    for (const foreign of [
      'http://evil.example',
      'null',
      `http://localhost:${host.port}`,
      `https://127.0.0.1:${host.port}`,
    ])
      expect(await socketOf(right, { origin: foreign }).opened).toBe(403);
    expect(await socketOf(right, {}).opened).toBe(403);
  });

  test('is refused under a foreign name', async () => {
    const rebound = { origin: `http://evil.example:${host.port}`, headers: { host: `evil.example:${host.port}` } };
    expect(await socketOf(undefined, rebound).opened).toBe(421);
  });

  test('goes on through a tunnel, where the port is another', async () => {
    const tunnelled = socketOf(undefined, { origin: 'http://localhost:8080', headers: { host: 'localhost:8080' } });
    expect(await tunnelled.opened).toBe(101);
    tunnelled.socket.close();
  });

  test.each([
    ['text', (page: ReturnType<typeof socketOf>) => page.socket.send('{"kind":"cancel","id":1}'), 1003],
    ['what is not MessagePack', (page: ReturnType<typeof socketOf>) => page.socket.send(Buffer.of(0xc1)), 1008],
    ['a value that is no message', (page: ReturnType<typeof socketOf>) => page.send({ kind: 'result', id: 1 }), 1008],
    [
      'a message beyond the limit',
      (page: ReturnType<typeof socketOf>) => page.socket.send(Buffer.alloc(MAX_MESSAGE_BYTES + 1)),
      1009,
    ],
  ])('is closed by %s, and the host lives on', async (_, misbehave, code) => {
    const page = socketOf();
    await page.opened;
    misbehave(page);
    expect(await page.closed).toBe(code);
    expect((await http('/')).status).toBe(200);
  });

  test('refused to somebody who is gone leaves the host alive', async () => {
    for (let attempt = 0; attempt < 20; attempt++) {
      const socket = connect(host.port, '127.0.0.1');
      await new Promise((resolve) => socket.on('connect', resolve));
      socket.write(`GET / HTTP/1.1\r\nHost: evil.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
      socket.resetAndDestroy();
    }
    expect((await http('/')).status).toBe(200);
  });

  test.each(['comes', 'fails'] as const)('waits for what answers it, until that %s', async (how) => {
    const loading = Promise.withResolvers<PageSockets>();
    const early = await startBrowserHost({ rendererFolder, port: 0, sockets: loading.promise, uploads });
    const own = `http://127.0.0.1:${early.port}`;
    const page = new WebSocket(own, ['fovea', `token.${early.token}`], { origin: own });
    const ended = new Promise<string>((resolve) => {
      page.on('open', () => resolve('open'));
      page.on('error', () => resolve('refused'));
    });
    expect((await fetch(own)).status).toBe(200);
    expect(page.readyState).toBe(WebSocket.CONNECTING);
    if (how === 'comes') loading.resolve(pageSockets(service));
    else loading.reject(new Error('not loaded'));
    expect(await ended).toBe(how === 'comes' ? 'open' : 'refused');
    await early.close();
  });

  test('that ends cancels what the page waited for', async () => {
    const before = cancelled;
    const page = socketOf();
    await page.opened;
    page.send({ kind: 'request', id: 1, procedure: 'models.list', input: {} });
    await page.next(1);
    page.socket.terminate();
    await expect.poll(() => cancelled).toBe(before + 1);
  });
});

describe('those who connect and say nothing', () => {
  test('go, the oldest first, so that a page gets in however many they are', async () => {
    const silent = await Promise.all(Array.from({ length: 200 }, () => connection('GET / HT')));
    await expect.poll(() => silent.filter(({ hasEnded }) => hasEnded()).length).toBeGreaterThanOrEqual(72);
    expect((await http('/')).status).toBe(200);
    const page = socketOf();
    expect(await page.opened).toBe(101);
    page.socket.close();
    for (const { socket } of silent) socket.destroy();
  });

  test('who are refused are not waited for: an upgrade, and an upload of which no more comes', async () => {
    const request = (lines: readonly string[]) => `${lines.join('\r\n')}\r\n\r\n`;
    const own = [`Host: 127.0.0.1:${host.port}`, `Origin: ${origin()}`];
    for (const text of [
      request(['GET / HTTP/1.1', ...own, 'Connection: Upgrade', 'Upgrade: websocket']),
      request(['PUT /uploads/a/b.jpg HTTP/1.1', ...own, 'Content-Length: 1000000']),
    ]) {
      const refused = await connection(text);
      await expect.poll(() => refused.said()).toMatch(/^HTTP\/1.1 401 /);
      // It goes on sending: only a connection that is gone makes an end of that.
      await expect
        .poll(() => {
          if (!refused.isClosed()) refused.socket.write('more');
          return refused.isClosed();
        })
        .toBe(true);
    }
  });
});

describe('an upload', () => {
  const put = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    http(path, { origin: origin(), authorization: `Bearer ${host.token}`, ...headers }, 'PUT', body);

  test('lies in a folder no other user can enter, under the name it is referred to by', async () => {
    expect((await put('/uploads/batch/holiday/sea%20%C3%A9.jpg', 'pixels')).status).toBe(201);
    const path = uploads.pathOf('batch/holiday/sea é.jpg');
    expect(readFileSync(path, 'utf8')).toBe('pixels');
    expect(statSync(dirname(dirname(dirname(path)))).mode & 0o777).toBe(0o700);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('is refused without the token, from another origin, and from no page', async () => {
    expect((await put('/uploads/a/b.jpg', 'x', { authorization: 'Bearer wrong' })).status).toBe(401);
    expect((await put('/uploads/a/b.jpg', 'x', { origin: 'http://evil.example' })).status).toBe(403);
    const pageless = await http('/uploads/a/b.jpg', { authorization: `Bearer ${host.token}` }, 'PUT', 'x');
    expect(pageless.status).toBe(401);
    expect(() => readFileSync(uploads.pathOf('a/b.jpg'))).toThrow('ENOENT');
  });

  test.each([
    '/uploads/a/../../../x.jpg',
    '/uploads/a/%2e%2e/%2e%2e/%2e%2e/x.jpg',
    '/uploads/a/..%2f..%2fx.jpg',
    '/uploads/a/..%5c..%5cx.jpg',
    '/uploads/a/x%00.jpg',
    '/uploads/x.jpg',
    '/uploads//x.jpg',
    '/uploads/a/%ff.jpg',
    '/elsewhere/a/x.jpg',
  ])('cannot leave its folder: %s', async (path) => {
    const before = readdirSync(folder, { recursive: true }).length;
    expect([404, 409]).toContain((await put(path, 'x')).status);
    expect(readdirSync(folder, { recursive: true })).toHaveLength(before);
  });

  test('does not replace one that was sent before', async () => {
    expect((await put('/uploads/c/one.jpg', 'first')).status).toBe(201);
    expect((await put('/uploads/c/one.jpg', 'second')).status).toBe(409);
    expect(readFileSync(uploads.pathOf('c/one.jpg'), 'utf8')).toBe('first');
  });

  test('too large is refused before it is sent', async () => {
    const refusal = new Promise<number>((resolve, reject) => {
      const request = httpRequest(
        {
          host: '127.0.0.1',
          port: host.port,
          path: '/uploads/d/huge.jpg',
          method: 'PUT',
          headers: { origin: origin(), authorization: `Bearer ${host.token}`, 'content-length': 2 ** 31 + 1 },
        },
        (response) => {
          resolve(response.statusCode ?? 0);
          request.destroy();
        },
      );
      request.on('error', reject);
      request.flushHeaders();
    });
    expect(await refusal).toBe(413);
  });
});

describe('the address that other users of the machine may see', () => {
  const exchange = (code: string, headers: Record<string, string> = {}) =>
    http('/token', { origin: origin(), authorization: `Bearer ${code}`, ...headers }, 'POST');

  test('has a code that is exchanged for the token once', async () => {
    const address = new URL(host.addressForOnce());
    expect(address.href).not.toContain(host.token);
    const code = new URLSearchParams(address.hash.slice(1)).get('code') ?? '';
    expect(Buffer.from(code, 'base64url')).toHaveLength(32);
    expect(await exchange(code)).toMatchObject({ status: 200, body: host.token });
    expect(await exchange(code)).toMatchObject({ status: 401, body: '' });
  });

  test('gives no token to another origin, to no page, for no code, or for the code of another address', async () => {
    const code = new URL(host.addressForOnce()).hash.slice('#code='.length);
    expect((await exchange(code, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await exchange('')).status).toBe(401);
    expect((await exchange(host.token)).status).toBe(401);
    expect((await http('/token', { authorization: `Bearer ${code}` }, 'POST')).status).toBe(401);
  });

  test('expires', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    try {
      const code = new URL(host.addressForOnce()).hash.slice('#code='.length);
      vi.advanceTimersByTime(60_001);
      expect((await exchange(code)).status).toBe(401);
    } finally {
      vi.useRealTimers();
    }
  });
});

test('a port in use is named in the error', async () => {
  await expect(
    startBrowserHost({ rendererFolder, port: host.port, sockets: Promise.resolve(pageSockets(service)), uploads }),
  ).rejects.toMatchObject({
    code: 'bad-argument',
    message: `port ${host.port} is in use`,
  });
});
