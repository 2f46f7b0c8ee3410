// Compiles the kernels anew: node resources/kernels/compile.ts
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { main } from 'assemblyscript/asc';

const PROJECT = join(import.meta.dirname, '..', '..');
/** The compiled kernels, as text so that any bundler and any process can carry them. */
export const COMPILED = join(PROJECT, 'src-shared', 'kernels.wasm.ts');

const OPTIONS = '-O3 --converge --noAssert --runtime stub --enable simd --use abort= --disableWarning 112';

/** @returns what {@link COMPILED} should hold */
export async function compiledKernels(): Promise<string> {
  const written: Buffer[] = [];
  const { error, stderr } = await main(
    ['src-shared/kernels/index.ts', '--baseDir', PROJECT, '--outFile', 'kernels.wasm', ...OPTIONS.split(' ')],
    { writeFile: (_, contents) => void written.push(Buffer.from(contents)) },
  );
  if (error) throw new Error(stderr.toString(), { cause: error });
  const base64 = Buffer.concat(written).toString('base64');
  return `/** Compiled from \`kernels/\` by \`resources/kernels/compile.ts\`, base64. */\nexport const KERNELS_WASM =\n  '${base64}';\n`;
}

if (import.meta.main) await writeFile(COMPILED, await compiledKernels());
