import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { resolve } from 'node:path';
import { thirdPartyNotices } from './resources/notices/notices.ts';

const here = import.meta.dirname;
const notices = thirdPartyNotices(here);

export default defineConfig({
  main: {
    plugins: [notices.collect],
    build: {
      externalizeDeps: { exclude: ['zod', 'commander'] },
      rolldownOptions: {
        input: {
          index: resolve(here, 'src-main/index.ts'),
          cli: resolve(here, 'src-main/cli.ts'),
          engine: resolve(here, 'src-main/engine.ts'),
          'first-engine': resolve(here, 'src-main/first-engine.ts'),
          'image-process': resolve(here, 'src-main/image-process.ts'),
          'run-process': resolve(here, 'src-main/run-process.ts'),
        },
      },
    },
  },
  preload: {
    plugins: [notices.collect],
    build: {
      rolldownOptions: {
        input: { preload: resolve(here, 'src-main/preload.ts') },
        output: { format: 'cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [svelte({ configFile: resolve(here, 'svelte.config.js') }), notices.write],
    build: {
      minify: true,
      rolldownOptions: { input: resolve(here, 'src-renderer/index.html') },
    },
  },
});
