import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Milliseconds that somebody may take to say what he wants. */
export const HEADERS_MS = 10_000;
/** Milliseconds in which nothing comes and nothing goes; a page's own connection has no such limit. */
export const IDLE_MS = 60_000;
/** More than any number of windows opens. */
const MAX_CONNECTIONS = 1024;
/** Connections that have not yet said what they want: with one more the oldest of them goes, so that a page always gets in. */
const MAX_SILENT = 128;

/** Keeps those who connect and say nothing from keeping others out. */
export function boundConnections(server: Server): void {
  const silent = new Set<Socket>();
  const hasSpoken = (socket: unknown) => void silent.delete(socket as Socket);
  server.maxConnections = MAX_CONNECTIONS;
  server.on('connection', (socket) => {
    silent.add(socket);
    socket.on('close', () => silent.delete(socket));
    if (silent.size <= MAX_SILENT) return;
    const [oldest] = silent;
    hasSpoken(oldest);
    oldest?.destroy();
  });
  server.on('request', ({ socket }) => hasSpoken(socket));
  server.on('upgrade', (_, socket) => hasSpoken(socket));
}
