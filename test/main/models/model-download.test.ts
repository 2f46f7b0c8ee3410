import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { downloadFile, partPath, type DownloadOptions } from '../../../src-main/models/model-download.ts';
import type { FoveaErrorCode } from '../../../src-shared/errors.ts';
import { fileServer, sendingPart, serving, status, type FileServer } from './file-server.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const CONTENT = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
const HALF = CONTENT.length / 2;
const EXPECTED = { bytes: CONTENT.length, sha256: createHash('sha256').update(CONTENT).digest('hex') };
const WRONG = CONTENT.map((byte) => byte ^ 1);

interface Download {
  readonly target: string;
  run(options?: DownloadOptions): Promise<void>;
}

function download(server: FileServer, part?: Uint8Array): Download {
  const target = join(temporaryFolder(), 'net.onnx');
  if (part) writeFileSync(partPath(target), part);
  return {
    target,
    run: (options) => downloadFile(server.url, target, EXPECTED, { retryDelayMs: 1, ...options }),
  };
}

function expectWhole({ target }: Download): void {
  expect(readFileSync(target).equals(CONTENT)).toBe(true);
  expect(readdirSync(join(target, '..'))).toEqual(['net.onnx']);
}

async function expectFailure({ target, run }: Download, code: FoveaErrorCode, message: RegExp, options = {}) {
  await expect(run(options)).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
  expect(existsSync(target)).toBe(false);
}

describe('downloading a model', () => {
  it('writes the file and tells how far it is', async () => {
    const own = download(await fileServer(serving(CONTENT)));
    const seen: number[] = [];
    await own.run({ onProgress: ({ done, total }) => seen.push(done / total) });
    expectWhole(own);
    expect(seen[0]).toBe(0);
    expect(seen.at(-1)).toBe(1);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
  });

  it('goes on where an earlier call stopped', async () => {
    const server = await fileServer(serving(CONTENT));
    const own = download(server, CONTENT.subarray(0, HALF));
    await own.run();
    expectWhole(own);
    expect(server.requests).toEqual([{ path: '/net.onnx', range: `bytes=${HALF}-` }]);
  });

  it('asks for nothing when all bytes are there already', async () => {
    const server = await fileServer(status(500));
    const own = download(server, CONTENT);
    await own.run();
    expectWhole(own);
    expect(server.requests).toEqual([]);
  });

  it('begins anew where the server ignores Range', async () => {
    const server = await fileServer((_, response) => response.writeHead(200).end(CONTENT));
    const own = download(server, WRONG.subarray(0, HALF));
    await own.run();
    expectWhole(own);
  });

  it('begins anew when what was there belongs to another file', async () => {
    const server = await fileServer(serving(CONTENT));
    const own = download(server, WRONG.subarray(0, HALF));
    await own.run();
    expectWhole(own);
    expect(server.requests.map(({ range }) => range)).toEqual([`bytes=${HALF}-`, undefined]);
  });

  it('throws away what is longer than the file', async () => {
    const server = await fileServer(serving(CONTENT));
    const own = download(server, new Uint8Array(CONTENT.length + 1));
    await own.run();
    expectWhole(own);
    expect(server.requests[0]!.range).toBeUndefined();
  });

  /** A while without a byte passes each time the server has been asked once more, and never else. */
  async function stallAtRequests(server: FileServer, stallMs: number, ...requests: number[]): Promise<void> {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    for (const count of requests) {
      await expect.poll(() => server.requests.length).toBe(count);
      vi.advanceTimersByTime(stallMs);
    }
  }

  it('takes up again after a connection that breaks, and one that stalls', async () => {
    const arrived = Promise.withResolvers<null>();
    const server = await fileServer(
      sendingPart(CONTENT, 100_000, arrived.promise),
      sendingPart(CONTENT, 100_000, 'stall'),
      serving(CONTENT),
    );
    const own = download(server);
    const reasons: string[] = [];
    const stalls = stallAtRequests(server, 300, 2);
    await own.run({
      stallMs: 300,
      onProgress: ({ done }) => done > 0 && arrived.resolve(null),
      onInterruption: (reason) => reasons.push(reason),
    });
    await stalls;
    expectWhole(own);
    expect(reasons).toEqual([expect.any(String), 'no data for 0.3 s']);
    expect(server.requests[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('gives up on a server that never sends anything, and keeps what there is', async () => {
    const server = await fileServer(sendingPart(CONTENT, 0, 'stall'));
    const own = download(server, CONTENT.subarray(0, HALF));
    const stalls = stallAtRequests(server, 100, 1, 2, 3);
    await expectFailure(own, 'download-failed', /no data for 0\.1 s; 150000 of 300000 bytes/, {
      stallMs: 100,
      retries: 2,
    });
    await stalls;
    expect(server.requests).toHaveLength(3);
    expect(readFileSync(partPath(own.target))).toHaveLength(HALF);
  });

  it('gives up on a connection that always breaks', async () => {
    const server = await fileServer(sendingPart(CONTENT, 0, 'break'));
    await expectFailure(download(server), 'download-failed', /0 of 300000 bytes/, { retries: 2 });
    expect(server.requests).toHaveLength(3);
  });

  it('gives up on a connection that breaks here and there and never resumes', async () => {
    const anew = (count: number) => {
      const send = sendingPart(CONTENT, count, 'break');
      return (request: IncomingMessage, response: ServerResponse) => {
        delete request.headers.range;
        send(request, response);
      };
    };
    // For ever, one after the other: a client that took every byte for progress would never end.
    const [far, near] = [anew(20_000), anew(10_000)];
    let turn = 0;
    const server = await fileServer((request, response) => (turn++ % 2 === 0 ? far : near)(request, response));
    await expectFailure(download(server), 'download-failed', /of 300000 bytes/, { retries: 3 });
  });

  it('notices a body that ends early without saying so', async () => {
    const server = await fileServer((_, response) => {
      response.write(CONTENT.subarray(0, HALF));
      response.end();
    }, serving(CONTENT));
    const own = download(server);
    await own.run();
    expectWhole(own);
    expect(server.requests[1]!.range).toBe(`bytes=${HALF}-`);
  });

  it.each([
    ['shorter', CONTENT.length - 10],
    ['longer', CONTENT.length + 10],
  ])('refuses a file that is announced %s than the catalogue says', async (_, length) => {
    const server = await fileServer((__, response) => {
      response.writeHead(200, { 'content-length': length });
      response.flushHeaders();
    });
    await expectFailure(download(server), 'download-corrupt', new RegExp(`sends ${length} bytes, expected 300000`));
    expect(server.requests).toHaveLength(1);
  });

  it('refuses a body that goes on beyond the file', async () => {
    const own = download(
      await fileServer((_, response) => {
        response.write(CONTENT);
        response.end(CONTENT);
      }),
    );
    await expectFailure(own, 'download-corrupt', /more than the expected 300000 bytes/);
    expect(existsSync(partPath(own.target))).toBe(false);
  });

  it('refuses another file of the right size', async () => {
    const own = download(await fileServer(serving(WRONG)));
    await expectFailure(own, 'download-corrupt', /digest/);
    expect(existsSync(partPath(own.target))).toBe(false);
  });

  it('refuses a page in place of the file, and says what it is', async () => {
    const page = '<html>Please log in</html>';
    const server = await fileServer((_, response) =>
      response.writeHead(200, { 'content-type': 'text/html', 'content-length': page.length }).end(page),
    );
    await expectFailure(download(server), 'download-corrupt', /26 bytes of text\/html/);
  });

  it('refuses other bytes than it asked for', async () => {
    const server = await fileServer((_, response) =>
      response.writeHead(206, { 'content-range': 'bytes 7-299999/300000' }).end(CONTENT.subarray(7)),
    );
    await expectFailure(download(server, CONTENT.subarray(0, HALF)), 'download-corrupt', /from 150000 on.*bytes 7-/);
  });

  it('does not ask again where there is no such file', async () => {
    const server = await fileServer(status(404));
    await expectFailure(download(server), 'download-failed', /404, there is no such file/);
    expect(server.requests).toHaveLength(1);
  });

  it('asks again when the server is in trouble, but not for ever', async () => {
    const troubled = await fileServer(status(500), status(429), status(503), serving(CONTENT));
    const own = download(troubled);
    await own.run();
    expectWhole(own);
    const down = await fileServer(status(500));
    await expectFailure(download(down), 'download-failed', /the server answers 500/, { retries: 2 });
    expect(down.requests).toHaveLength(3);
  });

  it('follows redirections, but not in circles and not to anything else than http', async () => {
    const moved = await fileServer(status(302, { location: '/elsewhere/net.onnx' }), serving(CONTENT));
    const own = download(moved);
    await own.run();
    expectWhole(own);
    expect(moved.requests.map(({ path }) => path)).toEqual(['/net.onnx', '/elsewhere/net.onnx']);
    const circle = await fileServer(status(302, { location: '/net.onnx' }));
    await expectFailure(download(circle), 'download-failed', /more than 5 redirections/);
    const astray = await fileServer(status(302, { location: 'file:///etc/hostname' }));
    await expectFailure(download(astray), 'download-failed', /no safe address/);
  });

  it('says when it cannot connect', async () => {
    const server = { url: new URL('http://127.0.0.1:1/net.onnx'), requests: [] };
    await expectFailure(download(server), 'download-failed', /0 of 300000 bytes/, { retries: 1 });
  });

  it('can be cancelled, and resumed', async () => {
    const server = await fileServer(sendingPart(CONTENT, HALF, 'stall'), serving(CONTENT));
    const own = download(server);
    const stop = new AbortController();
    const cancelled = own.run({ signal: stop.signal, onProgress: ({ done }) => done > 0 && stop.abort() });
    await expect(cancelled).rejects.toMatchObject({ code: 'cancelled' });
    expect(existsSync(own.target)).toBe(false);
    await own.run();
    expectWhole(own);
    expect(server.requests[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('leaves no half file under the name when the process is killed', async () => {
    const server = await fileServer(sendingPart(CONTENT, HALF, 'stall'), serving(CONTENT));
    const own = download(server);
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('download-process.ts', import.meta.url)),
        server.url.href,
        own.target,
        String(EXPECTED.bytes),
        EXPECTED.sha256,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const exited = new Promise((resolve) => child.once('exit', resolve));
    await new Promise<void>((resolve) =>
      child.stdout.on('data', (lines: Buffer) => {
        if (
          lines
            .toString()
            .split('\n')
            .some((line) => Number(line) > 0)
        )
          resolve();
      }),
    );
    child.kill('SIGKILL');
    await exited;
    expect(existsSync(own.target)).toBe(false);
    expect(existsSync(partPath(own.target))).toBe(true);
    await own.run();
    expectWhole(own);
    expect(server.requests[1]!.range).toMatch(/^bytes=[1-9]\d*-$/);
  });

  it('does not trust a whole file that was left behind', async () => {
    const own = download(await fileServer(serving(CONTENT)));
    writeFileSync(own.target, WRONG);
    await own.run();
    expectWhole(own);
  });

  it('says when the folder cannot be written', async () => {
    const folder = temporaryFolder({ file: '' });
    const server = await fileServer(serving(CONTENT));
    await expect(downloadFile(server.url, join(folder, 'file', 'net.onnx'), EXPECTED)).rejects.toMatchObject({
      code: 'output-unwritable',
    });
  });
});
