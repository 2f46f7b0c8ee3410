// Compiles the kernels anew: node resources/kernels/compile.ts
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';

const PROJECT = join(import.meta.dirname, '..', '..');
/** The compiled kernels, as text so that any bundler and any process can carry them. */
export const COMPILED = join(PROJECT, 'src-shared', 'kernels.wasm.ts');

/** @returns what {@link COMPILED} should hold */
export async function compiledKernels(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-kernels-'));
  try {
    const binary = join(folder, 'kernels.wasm');
    const options = '-O3 --converge --noAssert --runtime stub --enable simd --use abort= --disableWarning 112';
    const { error, stderr } = await main([
      join('src-shared', 'kernels', 'index.ts'),
      ...['--baseDir', PROJECT, '--outFile', binary],
      ...options.split(' '),
    ]);
    if (error) throw new Error(stderr.toString(), { cause: error });
    const base64 = (await readFile(binary)).toString('base64');
    return `/** Compiled from \`kernels/\` by \`resources/kernels/compile.ts\`, base64. */\nexport const KERNELS_WASM =\n  '${base64}';\n`;
  } finally {
    await rm(folder, { recursive: true });
  }
}

if (import.meta.main) await writeFile(COMPILED, await compiledKernels());
