import { Packr } from 'msgpackr';
import { MAX_UPLOAD_BYTES, type FailedFile, type FileReference } from '../../src-shared/contract/files.ts';
import { SUBPROTOCOL } from '../../src-shared/contract/messages.ts';
import { PACKING } from '../../src-shared/contract/packing.ts';
import { FoveaError, toErrorRecord } from '../../src-shared/errors.ts';
import { figuresOf, type WorkFigures, WorkMeter } from '../../src-shared/work.ts';
import { cancelled, hostGone, type Carrier, type SendFilesOptions, type SentFiles } from './carrier.ts';
import {
  chosenFile,
  filesOfTransfer,
  isCompanion,
  isLabelFile,
  isMapBeside,
  isModel,
  takenFiles,
  takenMaps,
  type NamedFile,
} from '../files/dropped-files.ts';

const TOKEN_KEY = 'fovea-token';
const RECONNECT_MILLISECONDS = 1000;
/** As many connections as browsers open to one server. */
const UPLOADS_AT_ONCE = 6;

/**
 * The token of this session: handed over in the address's fragment, which no server sees, itself or as a code that is exchanged
 * for it once; then kept for reloads of this tab. Empty when the page was opened without one.
 */
export async function takeToken(location: Location, history: History, storage: Storage): Promise<string> {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const code = fragment.get('code');
  const given = fragment.get('token') ?? (code === null ? null : await exchange(code, location.origin));
  if (given !== null) storage.setItem(TOKEN_KEY, given);
  const isSecret = (part: string) => /^(token|code)=/.test(part);
  const parts = location.hash.slice(1).split('&');
  // What else the address says stays: where one is.
  const kept = parts.filter((part) => !isSecret(part)).join('&');
  if (parts.some(isSecret)) history.replaceState(history.state, '', `${location.pathname}${kept && `#${kept}`}`);
  return given ?? storage.getItem(TOKEN_KEY) ?? '';
}

async function exchange(code: string, origin: string): Promise<string | null> {
  try {
    const answer = await fetch(`${origin}/token`, { method: 'POST', headers: { authorization: `Bearer ${code}` } });
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}

/** Whether a server is there that does not know the token. */
async function isRefused(origin: string, token: string): Promise<boolean> {
  try {
    // Nothing is stored there: a known token gets another refusal.
    const headers = { authorization: `Bearer ${token}` };
    return (await fetch(`${origin}/token`, { method: 'PUT', headers })).status === 401;
  } catch {
    return false;
  }
}

/** It is found where it lies, beside what is opened. */
function goesAlong(path: string, withModel: boolean): boolean {
  return isLabelFile(path) || isMapBeside(path) || (withModel && isCompanion(path));
}

/** The browser host's loopback WebSocket; files travel by HTTP. A lost connection is taken up again by itself. */
export function webSocketCarrier(origin: string, takenToken: Promise<string>): Carrier {
  const packr = new Packr(PACKING);
  const queue: Uint8Array<ArrayBuffer>[] = [];
  let socket: WebSocket | null = null;
  let everConnected = false;

  const connect = async (listeners: Parameters<Carrier['receive']>[0]) => {
    const token = await takenToken;
    const opening = new WebSocket(origin.replace(/^http/, 'ws'), [SUBPROTOCOL, `token.${token}`]);
    opening.binaryType = 'arraybuffer';
    opening.onopen = () => {
      socket = opening;
      everConnected = true;
      for (const message of queue.splice(0)) opening.send(message);
      listeners.connection(true);
    };
    opening.onmessage = ({ data }) => listeners.message(packr.unpack(new Uint8Array(data)));
    let opened = false;
    opening.addEventListener('open', () => (opened = true));
    opening.onclose = async () => {
      socket = null;
      queue.length = 0;
      // A browser does not tell why a socket was refused; the same token is asked for in another way.
      const refused = !opened && (await isRefused(origin, token));
      listeners.connection(false, refused);
      if (!refused) setTimeout(connect, RECONNECT_MILLISECONDS, listeners);
    };
  };

  const upload = async (batch: string, file: NamedFile, signal: AbortSignal | undefined): Promise<FileReference> => {
    const content = await file.open().catch(() => {
      throw new FoveaError('image-unreadable', `${file.path} cannot be read`, 'Check that it is still there.');
    });
    if (content.size > MAX_UPLOAD_BYTES)
      throw new FoveaError('not-allowed', `${file.path} is larger than ${MAX_UPLOAD_BYTES / 2 ** 30} GiB`);
    const path = [batch, ...file.path.split('/')].map(encodeURIComponent).join('/');
    const answer = await fetch(`${origin}/uploads/${path}`, {
      method: 'PUT',
      body: content,
      headers: { authorization: `Bearer ${await takenToken}` },
      ...(signal && { signal }),
    });
    if (!answer.ok) throw new FoveaError('not-allowed', `${file.path} was not accepted: ${await answer.text()}`);
    return { upload: `${batch}/${file.path}` };
  };

  /** Files of one batch lie together on the host, so that a model finds the card dropped with it. */
  const send = async (named: readonly NamedFile[], options: SendFilesOptions): Promise<SentFiles> => {
    const batch = crypto.randomUUID();
    const withModel = named.some(({ path }) => isModel(path));
    const sent: (FileReference | null)[] = named.map(() => null);
    const failed: FailedFile[] = [];
    const told = { progress: (figures: WorkFigures) => options.onProgress?.(figures) };
    const meter = new WorkMeter(told, figuresOf('sending-files', { total: named.length }), () => performance.now());
    let next = 0;
    const work = async () => {
      while (next < named.length) {
        if (options.signal?.aborted) throw cancelled();
        const index = next++;
        const file = named[index]!;
        try {
          const reference = await upload(batch, file, options.signal);
          if (options.maps || !goesAlong(file.path, withModel)) sent[index] = reference;
          meter.advance(1);
        } catch (error) {
          if (options.signal?.aborted) throw cancelled();
          // What `fetch` throws when nobody answers.
          failed.push({ name: file.path, error: toErrorRecord(error instanceof TypeError ? hostGone() : error) });
          meter.advance(1, 1);
        }
      }
    };
    await Promise.all(Array.from({ length: UPLOADS_AT_ONCE }, work));
    return { files: sent.filter((reference) => reference !== null), failed };
  };

  return {
    send(message) {
      const bytes = new Uint8Array(packr.pack(message));
      if (socket) socket.send(bytes);
      else if (!everConnected) queue.push(bytes);
      else throw hostGone();
    },
    receive: (listeners) => void connect(listeners),
    sendDropped: async (transfer, options) =>
      send(await filesOfTransfer(transfer, options.maps ? takenMaps : takenFiles), options),
    sendFiles: (files, options) => send((options.maps ? takenMaps : takenFiles)(files.map(chosenFile)), options),
  };
}
