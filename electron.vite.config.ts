import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';

const here = import.meta.dirname;

export default defineConfig({
  main: {
    build: {
      externalizeDeps: { exclude: ['zod', 'commander'] },
      rolldownOptions: {
        input: {
          index: resolve(here, 'src-main/index.ts'),
          cli: resolve(here, 'src-main/cli.ts'),
          engine: resolve(here, 'src-main/engine.ts'),
          'image-process': resolve(here, 'src-main/image-process.ts'),
          'run-process': resolve(here, 'src-main/run-process.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      rolldownOptions: {
        input: { preload: resolve(here, 'src-main/preload.ts') },
        output: { format: 'cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [svelte({ configFile: resolve(here, 'svelte.config.js') })],
    build: {
      minify: true,
      rolldownOptions: { input: resolve(here, 'src-renderer/index.html') },
    },
  },
});
