import { expect, test, vi } from 'vitest';
import type { PreloadBridge } from '../../src-shared/contract/messages.ts';

const exposed = new Map<string, unknown>();
const sent: unknown[][] = [];
const listeners = new Map<string, (...received: unknown[]) => void>();

// Strict: what the preload script may use of Electron is named here, and nothing else exists.
vi.mock('electron', () => ({
  contextBridge: { exposeInMainWorld: (name: string, api: unknown) => exposed.set(name, api) },
  ipcRenderer: {
    send: (...message: unknown[]) => sent.push(message),
    on: (channel: string, listener: (...received: unknown[]) => void) => listeners.set(channel, listener),
  },
  webUtils: { getPathForFile: (file: File) => `/photos/${file.name}` },
}));

test('the page gets three functions on one channel, and never an event of Electron', async () => {
  await import('../../src-main/preload.ts');
  expect([...exposed.keys()]).toEqual(['fovea']);
  const bridge = exposed.get('fovea') as PreloadBridge<File>;
  expect(Object.keys(bridge).sort()).toEqual(['pathOf', 'receive', 'send']);

  bridge.send({ kind: 'cancel', id: 4 });
  expect(sent).toEqual([['fovea', { kind: 'cancel', id: 4 }]]);

  const received: unknown[][] = [];
  expect(bridge.receive((...message) => received.push(message))).toBeUndefined();
  expect([...listeners.keys()]).toEqual(['fovea']);
  listeners.get('fovea')?.({ sender: 'ipcRenderer' }, { kind: 'result', id: 1, value: 2 });
  expect(received).toEqual([[{ kind: 'result', id: 1, value: 2 }]]);

  expect(bridge.pathOf(new File([], 'a.jpg'))).toBe('/photos/a.jpg');
});
