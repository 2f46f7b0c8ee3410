import { existsSync } from 'node:fs';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** The browser of the tests: `FOVEA_CHROMIUM`, or where a distribution puts it; null when there is none. */
export function chromiumPath(): string | null {
  return [process.env['FOVEA_CHROMIUM'], ...PLACES].find((path) => path && existsSync(path)) ?? null;
}

export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
