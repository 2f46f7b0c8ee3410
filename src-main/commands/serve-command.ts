import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { FoveaError } from '../../src-shared/errors.ts';
import { type BrowserHost, startBrowserHost } from '../host/browser-host.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import type { ServeFlags } from './serve-options.ts';
import { print } from './stdout.ts';
import { openInBrowser } from '../host/open-browser.ts';
import { forkProcess } from '../engine/process-port.ts';
import { projectFolder } from '../files/project-folder.ts';
import type { PageSockets } from '../host/page-sockets.ts';
import type { RunningService } from '../host/running-service.ts';
import { openUploads } from '../host/uploads.ts';

/** No browser that is still to be started asks sooner, and none is kept waiting by it. */
const PAGE_FIRST_MS = 100;

/**
 * Serves the view to a browser until the context's signal; then the engines are ended and what was uploaded is removed.
 * @throws FoveaError `bad-argument` for a port that cannot be used, `output-unwritable`
 */
export async function runServe(
  _: readonly string[],
  { port, open }: ServeFlags,
  { version, dataFolder, db, work: { signal } }: CommandContext,
): Promise<CommandResult> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new FoveaError('bad-argument', `--port: expected 0..65535, found ${port}`, 'Leave it out for a free port.');
  const uploads = await openUploads(dataFolder);
  const sockets = Promise.withResolvers<PageSockets>();
  sockets.promise.catch(() => undefined);
  let host: BrowserHost | undefined;
  let running: RunningService | undefined;
  try {
    const rendererFolder = join(projectFolder(), 'out', 'renderer');
    host = await startBrowserHost({ rendererFolder, port, sockets: sockets.promise, uploads });
    await print([`Fovea: ${host.address}\n`]);
    if (open && hasDisplay()) await openInBrowser(host.addressForOnce(), uploads);
    // A browser takes the page and reads it while all that answers it is loaded. A page that is asked for at once goes first.
    await Promise.race([host.hasAnswered, setTimeout(PAGE_FIRST_MS, undefined, { ref: false })]);
    const [{ startService }, { pageSockets }] = await Promise.all([
      import('../host/running-service.ts'),
      import('../host/page-sockets.ts'),
    ]);
    running = startService({ version, dataFolder, db, shell: null, uploads, spawn: forkProcess });
    sockets.resolve(pageSockets(running.service));
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    sockets.reject(new FoveaError('cancelled', 'the host has been closed'));
    await host?.close();
    await running?.close();
    await uploads.remove();
  }
  return { text: 'Fovea has ended.', json: null };
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}
