import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface FileServer {
  readonly url: URL;
  /** The requests so far: path, and the Range that was asked for. */
  readonly requests: readonly { readonly path: string; readonly range: string | undefined }[];
}

/** A server on loopback that gives its n-th answer to the n-th request, the last one to all that follow; until the test ends. */
export async function fileServer(...answers: readonly Answer[]): Promise<FileServer> {
  const { close, ...server } = await lastingFileServer(...answers);
  onTestFinished(close);
  return server;
}

/** The same, until it is closed. */
export async function lastingFileServer(...answers: readonly Answer[]): Promise<FileServer & { close(): void }> {
  const requests: { path: string; range: string | undefined }[] = [];
  const server = createServer((request, response) => {
    requests.push({ path: request.url!, range: request.headers.range });
    answers[Math.min(requests.length, answers.length) - 1]!(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/net.onnx`), requests, close };
}

/** Serves a file as a good server does: whole, or from where the Range begins. */
export function serving(content: Uint8Array): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': content.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    });
    response.end(content.subarray(start));
  };
}

/**
 * Promises the whole rest of a file, sends `count` bytes of it, and then nothing more: the connection stays open, or breaks, soon or
 * when something has come about.
 */
export function sendingPart(content: Uint8Array, count: number, then: 'stall' | 'break' | Promise<unknown>): Answer {
  return (request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    response.writeHead(start > 0 ? 206 : 200, {
      'content-length': content.length - start,
      ...(start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {}),
    });
    response.flushHeaders();
    const end = () => void response.destroy();
    if (count === 0 && then === 'break') end();
    else
      response.write(content.subarray(start, start + count), () => {
        // Mostly it arrives by then; nothing depends on it.
        if (then === 'break') setTimeout(end, 20);
        else if (then !== 'stall') void then.then(end);
      });
  };
}

export function status(code: number, headers: Readonly<Record<string, string>> = {}): Answer {
  return (_, response) => response.writeHead(code, headers).end();
}
