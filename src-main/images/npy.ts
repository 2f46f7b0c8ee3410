import type { ValueMap } from '../../src-shared/importance/value-map.ts';

/** What a file of numpy holds, one number a place; `most` is what the type's own 1 is: whole numbers fill their type, as in a picture. */
interface SampleType {
  readonly bytes: number;
  readonly most: number;
  readonly read: (view: DataView, at: number, little: boolean) => number;
}

const TYPES: Readonly<Record<string, SampleType>> = {
  f4: { bytes: 4, most: 1, read: (view, at, little) => view.getFloat32(at, little) },
  f8: { bytes: 8, most: 1, read: (view, at, little) => view.getFloat64(at, little) },
  u1: { bytes: 1, most: 255, read: (view, at) => view.getUint8(at) },
  u2: { bytes: 2, most: 65535, read: (view, at, little) => view.getUint16(at, little) },
  b1: { bytes: 1, most: 1, read: (view, at) => view.getUint8(at) },
};

const MAGIC = '\x93NUMPY';
/** Version 1 has two bytes of the header's length, later ones four. */
const SHORT_HEADER = 10;
const LONG_HEADER = 12;

/**
 * A map from a file of numpy (`numpy.save`; NEP 1): two axes, or three of which one is 1; float32, float64, uint8, uint16 or bool.
 * @param mostValues a larger array is refused before it is read
 * @throws Error with a reason in plain words
 */
export function parseNpy(bytes: Uint8Array, mostValues: number): ValueMap {
  const latin1 = (from: number, to: number) => Buffer.from(bytes.subarray(from, to)).toString('latin1');
  if (latin1(0, MAGIC.length) !== MAGIC) throw new Error('it is no file of numpy');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = bytes[MAGIC.length] === 1 ? SHORT_HEADER : LONG_HEADER;
  if (bytes.length < start) throw new Error('its header is cut off');
  const length = start === SHORT_HEADER ? view.getUint16(8, true) : view.getUint32(8, true);
  const header = latin1(start, start + length);
  const descr = /'descr':\s*'([<>|=]?)(\w+)'/.exec(header);
  const order = /'fortran_order':\s*(True|False)/.exec(header);
  const shape = /'shape':\s*\(([\d,\s]*)\)/.exec(header);
  if (!descr || !order || !shape) throw new Error('its header is not one of an array of numbers');
  const type = Object.hasOwn(TYPES, descr[2]!) ? TYPES[descr[2]!]! : null;
  if (!type) throw new Error(`its type is ${descr[2]!}, expected float32, float64, uint8, uint16 or bool`);
  const axes = shape[1]!.split(',').flatMap((text) => (text.trim() === '' ? [] : [Number(text)]));
  const sides = axes.length === 3 ? withoutOne(axes) : axes;
  const [height = 0, width = 0] = sides;
  if (sides.length !== 2 || width < 1 || height < 1)
    throw new Error(`its shape is (${axes.join(', ')}), expected rows and columns`);
  if (width * height > mostValues) throw new Error(`it has ${width * height} values, at most ${mostValues} are read`);
  const first = start + length;
  const expected = first + width * height * type.bytes;
  if (bytes.length !== expected) throw new Error(`it has ${bytes.length} bytes, expected ${expected}: it is cut off`);
  const byColumns = order[1] === 'True';
  const values = new Float64Array(width * height);
  for (let at = 0; at < values.length; at++) {
    const place = byColumns ? (at % height) * width + Math.floor(at / height) : at;
    values[place] = type.read(view, first + at * type.bytes, descr[1] !== '>') / type.most;
  }
  return { width, height, values };
}

/** Axes without the first or last where that is 1. */
function withoutOne(axes: readonly number[]): readonly number[] {
  return axes[0] === 1 ? axes.slice(1) : axes[2] === 1 ? axes.slice(0, 2) : axes;
}
