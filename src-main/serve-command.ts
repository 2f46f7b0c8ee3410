import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { startBrowserHost } from './browser-host.ts';
import { startMachine } from './machine.ts';
import { forkProcess } from './process-port.ts';
import { projectFolder } from './project-folder.ts';
import { openUploads } from './uploads.ts';

export interface ServeOptions {
  /** 0 lets the system choose a free one. */
  readonly port: number;
  /** Open the user's browser, where there is a display. */
  readonly open: boolean;
  readonly version: string;
  readonly dataFolder: string;
  /** Ends the host. */
  readonly signal: AbortSignal;
  /** Told the address once the host answers. */
  onReady(address: string): void;
}

/**
 * Serves the view to a browser until the signal; then the engines are ended and what was uploaded is removed.
 * @throws FoveaError `bad-argument` for a port that cannot be used
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { dataFolder, version, signal } = options;
  const uploads = await openUploads(dataFolder);
  const machine = startMachine({ version, dataFolder, shell: null, uploads, spawn: forkProcess });
  try {
    const host = await startBrowserHost({
      rendererFolder: join(projectFolder(), 'out', 'renderer'),
      port: options.port,
      service: machine.service,
      uploads,
    });
    options.onReady(host.address);
    if (options.open && hasDisplay()) openInBrowser(host.addressForOnce());
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve();
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await host.close();
  } finally {
    await machine.close();
    await uploads.remove();
  }
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
