import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';
import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { build, type Plugin } from 'vite';
import { thirdPartyNotices } from './resources/notices/notices.ts';

const here = import.meta.dirname;
const notices = thirdPartyNotices(here);

/**
 * The engine in a file of its own, and the decoder with all its JavaScript in another: a process that somebody waits for loads dozens of
 * small files in a tenth of a second. Native libraries stay what they are.
 */
const engine: Plugin = {
  name: 'engine',
  buildStart() {
    // A build that watches what it bundles would not see what only the engine is made of.
    if (!this.meta.watchMode) return;
    for (const folder of ['src-main', 'src-shared'].map((name) => resolve(here, name)))
      for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
        if (file.endsWith('.ts')) this.addWatchFile(resolve(folder, file));
  },
  async writeBundle() {
    await build({
      configFile: false,
      root: here,
      logLevel: this.environment.config.logLevel ?? 'error',
      plugins: [notices.collect],
      ssr: { noExternal: true, external: ['onnxruntime-node'] },
      build: {
        ssr: true,
        outDir: resolve(here, 'out/main'),
        emptyOutDir: false,
        copyPublicDir: false,
        target: this.environment.config.build.target,
        minify: false,
        rolldownOptions: {
          input: { engine: resolve(here, 'src-main/engine.ts') },
          external: [/^@img\/sharp-/],
          output: { chunkFileNames: 'chunks/engine-[name]-[hash].js' },
        },
      },
    });
  },
};

export default defineConfig({
  main: {
    plugins: [notices.collect, engine],
    build: {
      externalizeDeps: { exclude: ['zod', 'commander'] },
      rolldownOptions: {
        input: {
          index: resolve(here, 'src-main/index.ts'),
          cli: resolve(here, 'src-main/cli.ts'),
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
