import { execFile } from 'node:child_process';
import { builtFile } from '../built.ts';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the bundled command line in a process of its own. */
export function fovea(
  words: readonly string[],
  { cwd, dataFolder }: { readonly cwd: string; readonly dataFolder: string },
): Promise<CommandOutcome> {
  const cli = builtFile('cli.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [cli, ...words],
      { cwd, env: { ...process.env, FOVEA_DATA: dataFolder }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}
