import { availableParallelism } from 'node:os';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { CHROMIUM_FLAGS, chromiumPath } from './test/chromium.ts';

const VIEW_TESTS = 'test/renderer/**/*.svelte.test.ts';
/** Tests of what only computes: no engine, no browser, nothing of Node's that one file could leave changed for the next. */
export const PURE_TESTS = [
  'test/*.test.ts',
  'test/shared/**/*.test.ts',
  'test/renderer/**/*.test.ts',
  'test/main/text/**/*.test.ts',
  'test/main/files/json-file.test.ts',
  'test/main/datasets/plan-file.test.ts',
];
const chromium = chromiumPath();
if (!chromium) console.warn(`No Chromium found: ${VIEW_TESTS} are left out. Name one in FOVEA_CHROMIUM.`);

// Limits end what hangs; nothing that a test states depends on them, however busy the machine is.
const TEST_LIMIT_MS = 300_000;
const POLL_LIMIT_MS = 120_000;

/** In processes that are used again: one for each file would cost more than the tests. */
export const pure = {
  test: {
    name: 'pure',
    include: PURE_TESTS,
    exclude: [VIEW_TESTS],
    pool: 'forks' as const,
    isolate: false,
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: TEST_LIMIT_MS,
  },
};

const machine = {
  test: {
    name: 'machine',
    include: ['test/**/*.test.ts'],
    exclude: [VIEW_TESTS, ...PURE_TESTS],
    // Inference sessions abort the process when a worker thread ends during a run: one process per file.
    pool: 'forks' as const,
    // Some tests load ONNX Runtime themselves: it must not report to its maker.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: TEST_LIMIT_MS,
    expect: { poll: { timeout: POLL_LIMIT_MS } },
  },
};

/** Components and their state, in a real browser. */
const view = {
  plugins: [svelte()],
  test: {
    name: 'view',
    include: [VIEW_TESTS],
    testTimeout: TEST_LIMIT_MS,
    hookTimeout: TEST_LIMIT_MS,
    expect: { poll: { timeout: POLL_LIMIT_MS } },
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
    // More files at once than there are cores: most tests wait for a browser or an engine, or for one process after another.
    maxWorkers: 2 * availableParallelism(),
    reporters: ['default', './test/plain-reporter.ts'],
    projects: chromium ? [pure, machine, view] : [pure, machine],
  },
});
