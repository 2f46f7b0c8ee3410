import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { FoveaError } from '../../src-shared/errors.ts';
import { startBrowserHost } from '../host/browser-host.ts';
import type { CommandContext, CommandResult } from './command-line.ts';
import type { ServeFlags } from './serve-options.ts';
import { startService } from '../host/running-service.ts';
import { forkProcess } from '../engine/process-port.ts';
import { projectFolder } from '../files/project-folder.ts';
import { openUploads } from '../host/uploads.ts';

/**
 * Serves the view to a browser until the context's signal; then the engines are ended and what was uploaded is removed.
 * @param print told the address once the host answers
 * @throws FoveaError `bad-argument` for a port that cannot be used
 */
export async function runServe(
  _: readonly string[],
  { port, open }: ServeFlags,
  { version, dataFolder, db, work: { signal } }: CommandContext,
  print: (line: string) => void = (line) => process.stdout.write(`${line}\n`),
): Promise<CommandResult> {
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new FoveaError('bad-argument', `--port: expected 0..65535, found ${port}`, 'Leave it out for a free port.');
  const uploads = await openUploads(dataFolder);
  const running = startService({ version, dataFolder, db, shell: null, uploads, spawn: forkProcess });
  try {
    const rendererFolder = join(projectFolder(), 'out', 'renderer');
    const host = await startBrowserHost({ rendererFolder, port, service: running.service, uploads });
    print(`Fovea: ${host.address}`);
    if (open && hasDisplay()) openInBrowser(host.addressForOnce());
    if (!signal.aborted) await once(signal, 'abort');
    await host.close();
  } finally {
    await running.close();
    await uploads.remove();
  }
  return { text: 'Fovea has ended.', json: null };
}

function hasDisplay(): boolean {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

const OPENERS: Readonly<Record<string, readonly [program: string, ...parameters: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
};

/** The address has been told: a machine without a browser loses nothing. */
function openInBrowser(address: string): void {
  const [program, ...parameters] = OPENERS[process.platform] ?? OPENERS.linux!;
  const child = spawn(program, [...parameters, address], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}
