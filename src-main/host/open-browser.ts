import { spawn } from 'node:child_process';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import type { Uploads } from './uploads.ts';

const OPENERS: Readonly<Record<string, readonly [program: string, ...parameters: string[]]>> = {
  darwin: ['open'],
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
  linux: ['xdg-open'],
};

/**
 * Opens the user's browser on an address that holds a secret. Every user of the machine can read the arguments of a program: the
 * browser is given a file that only this user can read, and that leads on. It is gone with what was uploaded. The address has been
 * told as well: a machine without a browser loses nothing.
 */
export async function openInBrowser(address: string, uploads: Uploads): Promise<void> {
  const name = 'open/fovea.html';
  await uploads.store(name, Readable.from([redirection(address)]));
  const [program, ...parameters] = OPENERS[process.platform] ?? OPENERS.linux!;
  const file = pathToFileURL(uploads.pathOf(name)).href;
  const child = spawn(program, [...parameters, file], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

/** @param address of nothing but an address's own characters */
function redirection(address: string): string {
  return `<!doctype html>
<meta charset="utf-8">
<meta name="referrer" content="no-referrer">
<meta http-equiv="refresh" content="0; url=${address}">
<title>Fovea</title>
<a href="${address}">Open Fovea</a>
`;
}
