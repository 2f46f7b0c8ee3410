/**
 * What the first page of a TIFF file says of its samples. TIFF 6.0, sections 2 and 8 (structure), 18 (ExtraSamples), 19 (SampleFormat) and
 * 21 (YCbCr), and BigTIFF.
 */
export interface TiffHead {
  /** Bits of a sample, the largest of its channels. */
  readonly bits: number;
  readonly format: 'unsigned' | 'signed' | 'float' | 'other';
  /** Tags as the file has them: PhotometricInterpretation, null where it has none; Compression. */
  readonly photometric: number | null;
  readonly compression: number;
  /** Samples of a pixel; of those beyond the colours, ExtraSamples. */
  readonly channels: number;
  readonly extra: readonly number[];
  /** Of YCbCr, across and down. */
  readonly subsampling: readonly number[];
}

const BITS_PER_SAMPLE = 258;
const COMPRESSION = 259;
const PHOTOMETRIC = 262;
const SAMPLES_PER_PIXEL = 277;
const EXTRA_SAMPLES = 338;
const SAMPLE_FORMAT = 339;
const SUBSAMPLING = 530;
const WANTED = [
  BITS_PER_SAMPLE,
  COMPRESSION,
  PHOTOMETRIC,
  SAMPLES_PER_PIXEL,
  EXTRA_SAMPLES,
  SAMPLE_FORMAT,
  SUBSAMPLING,
];
const FORMATS = ['unsigned', 'signed', 'float'] as const;
const SHORT_BYTES = 2;

/** @returns null where the bytes are no TIFF file, or end before the tags */
export function tiffHead(bytes: Uint8Array): TiffHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  try {
    const little = view.getUint16(0) === 0x4949;
    const big = view.getUint16(2, little) === 43;
    const offsetAt = (at: number) => (big ? Number(view.getBigUint64(at, little)) : view.getUint32(at, little));
    const directory = offsetAt(big ? 8 : 4);
    const count = big ? Number(view.getBigUint64(directory, little)) : view.getUint16(directory, little);
    const [first, entryBytes, valueAt] = big ? [directory + 8, 20, 12] : [directory + 2, 12, 8];
    const tags = new Map<number, number[]>();
    for (let entry = 0; entry < Math.min(count, 1000); entry++) {
      const at = first + entry * entryBytes;
      const tag = view.getUint16(at, little);
      if (!WANTED.includes(tag)) continue;
      const length = Math.min(16, offsetAt(at + 4));
      const inside = length * SHORT_BYTES <= (big ? 8 : 4);
      const values = inside ? at + valueAt : offsetAt(at + valueAt);
      tags.set(
        tag,
        Array.from({ length }, (_, index) => view.getUint16(values + SHORT_BYTES * index, little)),
      );
    }
    return {
      bits: Math.max(...(tags.get(BITS_PER_SAMPLE) ?? [1])),
      format: FORMATS[(tags.get(SAMPLE_FORMAT)?.[0] ?? 1) - 1] ?? 'other',
      photometric: tags.get(PHOTOMETRIC)?.[0] ?? null,
      compression: tags.get(COMPRESSION)?.[0] ?? 1,
      channels: tags.get(SAMPLES_PER_PIXEL)?.[0] ?? 1,
      extra: tags.get(EXTRA_SAMPLES) ?? [],
      subsampling: tags.get(SUBSAMPLING) ?? [2, 2],
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
