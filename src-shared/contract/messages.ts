import { z } from 'zod';
import { errorRecordSchema } from './error-record.ts';
import { workFiguresSchema } from '../work.ts';

/** Of the browser host's WebSocket; the session's token is offered beside it as `token.<token>`. */
export const SUBPROTOCOL = 'fovea';

const requestId = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** From the page to the machine. `id` is the page's own count; a cancelled request answers with the error `cancelled`. */
export const pageMessageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request'), id: requestId, procedure: z.string().max(64), input: z.unknown() }),
  z.strictObject({ kind: z.literal('cancel'), id: requestId }),
]);
export type PageMessage = z.infer<typeof pageMessageSchema>;

/** From the machine to the page. Every request is answered by exactly one `result` or `error`. */
export const hostMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('result'), id: requestId, value: z.unknown() }),
  z.object({ kind: z.literal('error'), id: requestId, error: errorRecordSchema }),
  z.object({ kind: z.literal('progress'), id: requestId, figures: workFiguresSchema }),
  z.object({ kind: z.literal('event'), event: z.string(), value: z.unknown() }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;

/** What the preload script of the Electron shell puts on `window.fovea`. `DroppedFile` is the DOM's `File`. */
export interface PreloadBridge<DroppedFile> {
  send(message: PageMessage): void;
  /** Called once. */
  receive(listener: (message: unknown) => void): void;
  /** Path on disk of a file the user dropped or chose; empty when it has none. */
  pathOf(file: DroppedFile): string;
}
