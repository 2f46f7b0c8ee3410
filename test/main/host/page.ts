import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Packr } from 'msgpackr';
import { onTestFinished } from 'vitest';
import { WebSocket } from 'ws';
import type { InputOf, ProcedureName, ResultOf } from '../../../src-shared/contract/contract.ts';
import { type HostMessage, SUBPROTOCOL } from '../../../src-shared/contract/messages.ts';
import { type ErrorRecord, fromErrorRecord } from '../../../src-shared/errors.ts';
import { builtFile } from '../../built.ts';

/** A browser host in a process of its own, killed when the test ends. */
export async function served(
  dataFolder: string,
  env: NodeJS.ProcessEnv = process.env,
  words: readonly string[] = ['serve', '--no-open'],
) {
  const host: ChildProcess = spawn(process.execPath, [builtFile('cli.js'), ...words], {
    env: { ...env, FOVEA_DATA: dataFolder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void host.kill('SIGKILL'));
  const [line] = (await once(host.stdout!, 'data')) as [Buffer];
  return { host, address: line.toString().trim().replace('Fovea: ', '') };
}

/** A page without a window: it asks by the contract, as the view does. */
export interface Page {
  ask<Name extends ProcedureName>(procedure: Name, input: InputOf<Name>): Promise<ResultOf<Name>>;
  close(): Promise<void>;
}

export async function openPage(address: string): Promise<Page> {
  const { origin, host, hash } = new URL(address);
  const token = hash.replace('#token=', 'token.');
  const socket = new WebSocket(`ws://${host}/`, [SUBPROTOCOL, token], { origin });
  const packr = new Packr({ useRecords: false });
  const waiting = new Map<number, (message: HostMessage) => void>();
  socket.on('message', (data: Buffer) => {
    const message = packr.unpack(data) as HostMessage;
    if (message.kind === 'result' || message.kind === 'error') waiting.get(message.id)?.(message);
  });
  await once(socket, 'open');
  let asked = 0;
  return {
    ask: (procedure, input) =>
      new Promise((resolve, reject) => {
        const id = asked++;
        waiting.set(id, (message) => {
          waiting.delete(id);
          // The machine answers by the contract, which its own tests hold it to.
          if (message.kind === 'result') resolve(message.value as ResultOf<typeof procedure>);
          else if (message.kind === 'error') reject(fromErrorRecord(message.error as ErrorRecord));
        });
        socket.send(packr.pack({ kind: 'request', id, procedure, input }));
      }),
    async close() {
      const closed = once(socket, 'close');
      socket.close();
      await closed;
    },
  };
}
