import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';

/** The built view, as both hosts serve it. */
export interface RendererFiles {
  /** A file by its path in the address (`/` is the page itself); null for everything the build did not make. */
  read(pathname: string): Promise<RendererFile | null>;
}

export interface RendererFile {
  readonly mime: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const MIME_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
};

/** Lists the build once: an address is looked up in the list and never becomes a path, so there is nothing to traverse. */
export async function listRendererFiles(folder: string): Promise<RendererFiles> {
  const paths = new Map<string, string>();
  const visit = async (below: string) => {
    for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
      const name = `${below}/${entry.name}`;
      if (entry.isDirectory()) await visit(name);
      else if (extname(name) in MIME_TYPES) paths.set(name, join(folder, name));
    }
  };
  await visit('');
  return {
    async read(pathname) {
      const path = paths.get(pathname === '/' ? '/index.html' : pathname);
      if (path === undefined) return null;
      return { mime: MIME_TYPES[extname(path)]!, bytes: new Uint8Array(await readFile(path)) };
    },
  };
}

/**
 * Sent with every file of the view. The page runs its own scripts and styles, shows images it was handed as bytes, and
 * reaches nothing but, in the browser host, the server it came from.
 */
export function securityHeaders(host: 'electron' | 'browser'): Readonly<Record<string, string>> {
  const policy = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' blob:",
    `connect-src ${host === 'browser' ? "'self'" : "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Content-Security-Policy': policy.join('; '),
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=()',
    'Cache-Control': 'no-store',
  };
}
