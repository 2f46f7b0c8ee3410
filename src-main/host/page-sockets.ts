import { Packr } from 'msgpackr';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { SUBPROTOCOL } from '../../src-shared/contract/messages.ts';
import { PACKING } from '../../src-shared/contract/packing.ts';
import { openConversation } from './conversation.ts';
import type { Service } from './service.ts';

/** Bytes of one message of the page; files travel by HTTP. */
export const MAX_MESSAGE_BYTES = 4 * 2 ** 20;

const CLOSE = { unsupportedData: 1003, policyViolation: 1008 } as const;

/** The pages' ends of the contract, over WebSockets. */
export interface PageSockets {
  /** Makes a WebSocket of a request that may be one. */
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

export function pageSockets(service: Service): PageSockets {
  const packr = new Packr(PACKING);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => SUBPROTOCOL,
  });

  const converse = (socket: WebSocket) => {
    const conversation = openConversation(service.handlers, (message) => socket.send(packr.pack(message)));
    const unsubscribe = service.subscribe((event, value) => conversation.emit(event, value));
    socket.on('message', (data, isBinary) => {
      if (!isBinary || !Buffer.isBuffer(data)) return socket.close(CLOSE.unsupportedData, 'expected MessagePack');
      try {
        conversation.receive(packr.unpack(data));
      } catch {
        socket.close(CLOSE.policyViolation, 'not a message of the contract');
      }
    });
    // An oversize or broken frame: ws closes the connection itself.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      unsubscribe();
      conversation.close();
    });
  };

  return {
    accept: (request, socket, head) => sockets.handleUpgrade(request, socket, head, converse),
    close() {
      for (const socket of sockets.clients) socket.terminate();
    },
  };
}
