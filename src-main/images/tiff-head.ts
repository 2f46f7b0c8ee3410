/** What the first page of a TIFF file says of its samples. TIFF 6.0, sections 2 (structure) and 19 (SampleFormat), and BigTIFF. */
export interface TiffHead {
  /** Bits of a sample, the largest of its channels. */
  readonly bits: number;
  readonly format: 'unsigned' | 'signed' | 'float' | 'other';
  /** CIELAB, in any of its encodings. */
  readonly lab: boolean;
}

const BITS_PER_SAMPLE = 258;
const PHOTOMETRIC = 262;
const SAMPLE_FORMAT = 339;
const LAB = [8, 9, 10];
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
      if (![BITS_PER_SAMPLE, PHOTOMETRIC, SAMPLE_FORMAT].includes(tag)) continue;
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
      lab: LAB.includes(tags.get(PHOTOMETRIC)?.[0] ?? -1),
    };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
