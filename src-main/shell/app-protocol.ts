import { protocol } from 'electron';
import { listRendererFiles, securityHeaders } from '../host/renderer-files.ts';

export const APP_ORIGIN = 'app://fovea';

/** Where the page comes from: the build, or while developing the server that electron-vite starts. */
export interface PageAddress {
  readonly url: string;
  /** Scheme and host; `URL.origin` knows none for schemes of one's own. */
  readonly origin: string;
}

export function originOf(url: string): string {
  const parsed = URL.parse(url);
  return parsed ? `${parsed.protocol}//${parsed.host}` : '';
}

/** Before Electron is ready: gives `app:` an origin, so that the page is a secure context with a policy of its own. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}

/** Serves the built view, and nothing else, under {@link APP_ORIGIN}. */
export async function serveAppScheme(rendererFolder: string): Promise<void> {
  const files = await listRendererFiles(rendererFolder);
  protocol.handle('app', async ({ url, method }) => {
    if (method !== 'GET' || originOf(url) !== APP_ORIGIN) return new Response(null, { status: 403 });
    const file = await files.read(new URL(url).pathname);
    if (!file) return new Response(null, { status: 404 });
    return new Response(file.bytes, { headers: { ...securityHeaders('electron'), 'Content-Type': file.mime } });
  });
}
