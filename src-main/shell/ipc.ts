import { ipcMain, type BrowserWindow, type IpcMainEvent } from 'electron';
import type { HostMessage } from '../../src-shared/contract/messages.ts';
import { originOf, type PageAddress } from './app-protocol.ts';
import { IPC_CHANNEL } from './ipc-channel.ts';
import { openConversation, type Conversation } from '../host/conversation.ts';
import type { Service } from '../host/service.ts';

export interface IpcObserver {
  /** Sees every message to the page. */
  sent(message: HostMessage): void;
  pageGone(): void;
}

/**
 * Carries the contract between the window's page and the service. A reload, a crash or the end of the page ends its conversation, so
 * that nothing runs for a page that is gone.
 */
export function serveIpc(window: BrowserWindow, page: PageAddress, service: Service, observer: IpcObserver): void {
  const { webContents } = window;
  let conversation: Conversation | null = null;

  const send = (message: HostMessage) => {
    if (webContents.isDestroyed()) return;
    webContents.send(IPC_CHANNEL, message);
    observer.sent(message);
  };
  const receive = (event: IpcMainEvent, message: unknown) => {
    if (!isFromPage(event)) return;
    conversation ??= openConversation(service.handlers, send);
    try {
      conversation.receive(message);
    } catch (error) {
      console.error(error);
    }
  };
  /** The top frame of this window, showing the view: not a frame in it, not another window, not what it was navigated to. */
  const isFromPage = ({ sender, senderFrame }: IpcMainEvent) =>
    sender === webContents && senderFrame?.parent === null && originOf(senderFrame.url) === page.origin;
  const endConversation = () => {
    conversation?.close();
    conversation = null;
    observer.pageGone();
  };

  ipcMain.on(IPC_CHANNEL, receive);
  const unsubscribe = service.subscribe((event, value) => conversation?.emit(event, value));
  webContents.on('did-start-navigation', ({ isMainFrame, isSameDocument }) => {
    if (isMainFrame && !isSameDocument) endConversation();
  });
  webContents.on('render-process-gone', endConversation);
  window.on('closed', () => {
    ipcMain.off(IPC_CHANNEL, receive);
    unsubscribe();
    endConversation();
  });
}
