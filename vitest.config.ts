import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, chromiumPath } from './test/chromium.ts';

const VIEW_TESTS = 'test/renderer/**/*.svelte.test.ts';
const chromium = chromiumPath();
if (!chromium) console.warn(`No Chromium found: ${VIEW_TESTS} are left out. Name one in FOVEA_CHROMIUM.`);

const machine = {
  test: {
    name: 'machine',
    include: ['test/**/*.test.ts'],
    exclude: [VIEW_TESTS],
    // Inference sessions abort the process when a worker thread ends during a run: one process per file.
    pool: 'forks' as const,
    // Some tests load ONNX Runtime themselves: it must not report to its maker.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
};

/** Components and their state, in a real browser. */
const view = {
  plugins: [svelte()],
  test: {
    name: 'view',
    include: [VIEW_TESTS],
    testTimeout: 20_000,
    expect: { poll: { timeout: 5_000 } },
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      viewport: { width: 1280, height: 800 },
      provider: playwright({ launchOptions: { executablePath: chromium ?? '', args: CHROMIUM_FLAGS } }),
      instances: [{ browser: 'chromium' as const }],
    },
  },
};

export default defineConfig({
  test: {
    reporters: ['default', './test/plain-reporter.ts'],
    projects: chromium ? [machine, view] : [machine],
  },
});
