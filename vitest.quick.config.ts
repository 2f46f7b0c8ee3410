import { defineConfig } from 'vitest/config';

/** `npm run try`: what needs no build, no browser, no engine and no time, in processes that are used again. */
export default defineConfig({
  test: {
    include: [
      'test/*.test.ts',
      'test/shared/**/*.test.ts',
      'test/renderer/**/*.test.ts',
      'test/main/text/**/*.test.ts',
      'test/main/files/json-file.test.ts',
      'test/main/datasets/plan-file.test.ts',
    ],
    // The kernels are compiled anew there.
    exclude: ['**/*.svelte.test.ts', 'test/shared/kernels.test.ts'],
    pool: 'forks',
    isolate: false,
    testTimeout: 60_000,
    reporters: ['default', './test/plain-reporter.ts'],
  },
});
