import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { MAX_UPLOAD_BYTES } from '../../src-shared/contract/files.ts';
import { SUBPROTOCOL } from '../../src-shared/contract/messages.ts';
import { FoveaError } from '../../src-shared/errors.ts';
import { bearerOf, isToken, oneTimeCodes, randomSecret, refusalOf, type OneTimeCodes } from './host-access.ts';
import { type PackedFiles, packedFiles } from './packed-files.ts';
import { listRendererFiles, securityHeaders } from './renderer-files.ts';
import { boundConnections, HEADERS_MS, IDLE_MS } from './connections.ts';
import type { PageSockets } from './page-sockets.ts';
import type { Uploads } from './uploads.ts';

export interface BrowserHostOptions {
  readonly rendererFolder: string;
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** What pages talk to: it may come after the host answers with the page itself. */
  readonly sockets: Promise<PageSockets>;
  readonly uploads: Uploads;
}

export interface BrowserHost {
  readonly port: number;
  /** 256 bits; whoever has it may use the host. */
  readonly token: string;
  /** What the user opens: the token is in the fragment, which browsers send to no server. */
  readonly address: string;
  /**
   * An address that works once, for a minute. Every user of the machine can read the arguments of a program that opens a browser;
   * this one is spent when the page has come up.
   */
  addressForOnce(): string;
  /** Fulfilled when a first request for a file of the view has been answered. */
  readonly hasAnswered: Promise<undefined>;
  close(): Promise<void>;
}

/**
 * Serves the view on the loopback interface. The files of the view are public; the conversation and uploads need the token.
 * A Host that is not a loopback name (DNS rebinding) and an Origin that is not the page's own are refused.
 * @throws FoveaError `bad-argument` when the port is taken or not allowed
 */
export async function startBrowserHost(options: BrowserHostOptions): Promise<BrowserHost> {
  const { sockets, uploads } = options;
  const files = packedFiles(await listRendererFiles(options.rendererFolder));
  const token = randomSecret();
  const codes = oneTimeCodes();
  let pages: PageSockets | null = null;
  const answered = Promise.withResolvers<undefined>();

  // No limit on how long a request takes, once it has begun: an upload may come through a slow tunnel.
  const limits = { requestTimeout: 0, headersTimeout: HEADERS_MS, connectionsCheckingInterval: HEADERS_MS / 2 };
  const server = createServer(limits, (request, response) => {
    if (request.method === 'GET') response.once('finish', () => answered.resolve(undefined));
    answer(request, response, { files, uploads, token, codes }).catch((error: unknown) => refuse(response, error));
  });
  server.timeout = IDLE_MS;
  boundConnections(server);
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // Whoever is refused may be gone before the answer.
    socket.on('error', () => undefined);
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    const given = offered.find((name) => name.startsWith('token.'))?.slice('token.'.length);
    const refusal = refusalOf(request) ?? (isToken(given, token) && offered.includes(SUBPROTOCOL) ? null : 401);
    if (refusal !== null) {
      // Not left to whoever is refused to end it.
      const over = () => socket.destroy();
      return void socket.end(`HTTP/1.1 ${refusal} Refused\r\nConnection: close\r\n\r\n`, over);
    }
    sockets.then(
      (opened) => {
        pages = opened;
        opened.accept(request, socket, head);
      },
      () => socket.destroy(),
    );
  });

  const port = await listen(server, options.port);
  return {
    port,
    token,
    address: `http://127.0.0.1:${port}/#token=${token}`,
    addressForOnce: () => `http://127.0.0.1:${port}/#code=${codes.issue()}`,
    hasAnswered: answered.promise,
    async close() {
      pages?.close();
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Served {
  readonly files: PackedFiles;
  readonly uploads: Uploads;
  readonly token: string;
  readonly codes: OneTimeCodes;
}

async function answer(request: IncomingMessage, response: ServerResponse, served: Served): Promise<void> {
  const refusal = refusalOf(request);
  if (refusal !== null) return end(response, refusal);
  const pathname = URL.parse(request.url ?? '/', 'http://localhost')?.pathname ?? '';
  if (request.method === 'PUT') return receiveUpload(request, response, pathname, served);
  if (request.method === 'POST' && pathname === '/token') return exchangeCode(request, response, served);
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405);
  const file = await served.files.read(pathname, String(request.headers['accept-encoding'] ?? ''));
  if (!file) return end(response, 404);
  response.writeHead(200, {
    ...securityHeaders('browser'),
    'Content-Type': file.mime,
    ...(file.packing ? { 'Content-Encoding': file.packing } : {}),
    Vary: 'Accept-Encoding',
    'Content-Length': file.bytes.length,
  });
  response.end(request.method === 'GET' ? file.bytes : undefined);
}

async function receiveUpload(
  request: IncomingMessage,
  response: ServerResponse,
  pathname: string,
  { uploads, token }: Served,
): Promise<void> {
  if (!isToken(bearerOf(request), token) || request.headers.origin === undefined) return end(response, 401);
  const name = uploadName(pathname);
  if (name === null) return end(response, 404);
  if (Number(request.headers['content-length']) > MAX_UPLOAD_BYTES) return end(response, 413, 'the file is too large');
  await uploads.store(name, request);
  end(response, 201);
}

function exchangeCode(request: IncomingMessage, response: ServerResponse, { codes, token }: Served): void {
  const right = request.headers.origin !== undefined && codes.redeem(bearerOf(request));
  end(response, right ? 200 : 401, right ? token : '');
}

function uploadName(pathname: string): string | null {
  const [, folder, ...segments] = pathname.split('/');
  if (folder !== 'uploads') return null;
  try {
    const names = segments.map(decodeURIComponent);
    return names.some((name) => name.includes('/')) ? null : names.join('/');
  } catch {
    return null;
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  if (error instanceof FoveaError) end(response, 409, error.message);
  else end(response, 500, 'the request failed');
}

function end(response: ServerResponse, status: number, text = ''): void {
  if (response.destroyed || response.headersSent) return;
  // What is left of an upload nobody wants is not read, nor waited for.
  if (!response.req.complete) {
    response.setHeader('Connection', 'close');
    response.on('finish', () => response.req.socket.destroySoon());
  }
  response.writeHead(status, { ...securityHeaders('browser'), 'Content-Type': 'text/plain; charset=utf-8' });
  response.end(text);
}

async function listen(server: ReturnType<typeof createServer>, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const reason = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be used (${error.code})`;
      reject(
        new FoveaError('bad-argument', `port ${port} ${reason}`, 'Choose another --port, or leave it out.', {
          cause: error,
        }),
      );
    });
    server.listen({ host: '127.0.0.1', port }, resolve);
  });
  const bound = server.address();
  if (bound === null || typeof bound === 'string') throw new Error('the server has no port');
  return bound.port;
}
