import { execFile } from 'node:child_process';
import { builtFile } from '../built.ts';

export interface CommandOutcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface FoveaProcess {
  readonly cwd: string;
  readonly dataFolder: string;
  /** Default: that of the tests. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs the bundled command line in a process of its own. */
export function fovea(
  words: readonly string[],
  { cwd, dataFolder, env = process.env }: FoveaProcess,
): Promise<CommandOutcome> {
  const cli = builtFile('cli.js');
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [cli, ...words],
      { cwd, env: { ...env, FOVEA_DATA: dataFolder }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        if (error && typeof error.code !== 'number') reject(error);
        else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
      },
    );
  });
}
