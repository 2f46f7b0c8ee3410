import { defineConfig } from 'vitest/config';
import { pure } from './vitest.config.ts';

/** `npm run try`: what needs no build, no browser, no engine and no time. */
export default defineConfig({
  test: {
    ...pure.test,
    // The kernels are compiled anew there.
    exclude: [...pure.test.exclude, 'test/shared/kernels.test.ts'],
    testTimeout: 60_000,
    reporters: ['default', './test/plain-reporter.ts'],
  },
});
