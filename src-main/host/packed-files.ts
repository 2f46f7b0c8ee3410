import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import type { RendererFile, RendererFiles } from './renderer-files.ts';

/** What files are packed with for those who accept it, the better first. */
type Packing = 'br' | 'gzip';

export interface PackedFile extends RendererFile {
  /** For `Content-Encoding`; null where it is sent as it is. */
  readonly packing: Packing | null;
}

/** The files of the view, packed when they are first asked for; an address over a slow tunnel then comes up several times sooner. */
export interface PackedFiles {
  /** @param accepted the request's `Accept-Encoding` */
  read(pathname: string, accepted: string): Promise<PackedFile | null>;
}

/** Less is not worth it. */
const LEAST_BYTES = 1024;
/** Takes a twentieth of a second for the whole view, and is a few per cent from the best. */
const BROTLI = { params: { [constants.BROTLI_PARAM_QUALITY]: 8 } };

const PACK = {
  br: (bytes: Uint8Array) => promisify(brotliCompress)(bytes, BROTLI),
  gzip: (bytes: Uint8Array) => promisify(gzip)(bytes),
} as const satisfies Record<Packing, unknown>;

export function packedFiles(files: RendererFiles): PackedFiles {
  /** What a path's file was packed to, with the bytes it was packed from: a build may put others in their place. */
  const known = new Map<string, { readonly from: Uint8Array; readonly to: Promise<Uint8Array<ArrayBuffer>> }>();
  const pack = (key: string, packing: Packing, bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> => {
    const before = known.get(key);
    if (before && Buffer.compare(before.from, bytes) === 0) return before.to;
    const to = PACK[packing](bytes).then((packed) => new Uint8Array(packed));
    known.set(key, { from: bytes, to });
    return to;
  };
  return {
    async read(pathname, accepted) {
      const file = await files.read(pathname);
      if (!file) return null;
      const packing = packingFor(accepted);
      if (!packing || !isText(file.mime) || file.bytes.length < LEAST_BYTES) return { ...file, packing: null };
      return { ...file, bytes: await pack(`${packing} ${pathname}`, packing, file.bytes), packing };
    },
  };
}

/** What of it a browser takes; `q=0` refuses (RFC 9110, 12.5.3). */
function packingFor(accepted: string): Packing | null {
  const offers = accepted.split(',').map((offer) => offer.trim().toLowerCase());
  const takes = (name: Packing) =>
    offers.some((offer) => offer.split(';')[0]!.trim() === name && !/;\s*q=0(\.0*)?\s*$/.test(offer));
  return takes('br') ? 'br' : takes('gzip') ? 'gzip' : null;
}

const isText = (mime: string) => mime.startsWith('text/') || mime === 'image/svg+xml';
