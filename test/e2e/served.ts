import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

export const PROJECT = resolve(import.meta.dirname, '../..');
const CLI = join(PROJECT, 'out/main/cli.js');

/** The browser host, and the address that it prints. */
export function serve(env: NodeJS.ProcessEnv): { readonly host: ChildProcess; readonly address: Promise<string> } {
  const host = spawn(process.execPath, [CLI, 'serve', '--no-open', '--port', '0'], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { host, address: addressOf(host) };
}

function addressOf(host: ChildProcess): Promise<string> {
  return new Promise((done, failed) => {
    let told = '';
    const read = (chunk: Buffer) => {
      told += chunk.toString();
      const address = /http:\/\/\S+/.exec(told)?.[0];
      if (address) done(address);
    };
    host.stdout?.on('data', read);
    host.stderr?.on('data', read);
    host.once('exit', (code) => failed(new Error(`fovea serve ended with ${code}: ${told}`)));
  });
}
