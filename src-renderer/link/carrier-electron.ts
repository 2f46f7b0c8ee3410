import type { PreloadBridge } from '../../src-shared/contract/messages.ts';
import type { Carrier, SentFiles } from './carrier.ts';

declare global {
  interface Window {
    /** Present in the Electron shell alone. */
    readonly fovea?: PreloadBridge<File>;
  }
}

/** Electron's IPC. Files stay where they are: their paths are sent. */
export function electronCarrier(bridge: PreloadBridge<File>): Carrier {
  const pathsOf = async (files: readonly File[]): Promise<SentFiles> => {
    const named = files.map((file) => ({ name: file.name, path: bridge.pathOf(file) }));
    return {
      files: named.filter(({ path }) => path !== '').map(({ path }) => ({ path })),
      failed: named
        .filter(({ path }) => path === '')
        .map(({ name }) => ({
          name,
          error: {
            code: 'image-unreadable',
            message: `${name} is not a file on disk`,
            next: 'Save it to a file and drop that.',
          },
        })),
    };
  };
  return {
    send: (message) => bridge.send(message),
    receive: ({ message }) => bridge.receive(message),
    sendDropped: (transfer) => pathsOf([...transfer.files]),
    sendFiles: pathsOf,
  };
}
