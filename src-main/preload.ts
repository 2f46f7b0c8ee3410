import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { PreloadBridge } from '../src-shared/contract/messages.ts';
import { IPC_CHANNEL } from './shell/ipc-channel.ts';

// The page gets three functions and nothing of Electron: no channel of its choice, no event object.
const bridge: PreloadBridge<File> = {
  send: (message) => ipcRenderer.send(IPC_CHANNEL, message),
  receive: (listener) => void ipcRenderer.on(IPC_CHANNEL, (_event, message: unknown) => listener(message)),
  pathOf: (file) => webUtils.getPathForFile(file),
};

contextBridge.exposeInMainWorld('fovea', bridge);
