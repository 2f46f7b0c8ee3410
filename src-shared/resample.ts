import type { Rectangle, RgbImage } from './image.ts';
import { type Address, kernels } from './kernels.ts';

/** A filter by distance from the middle of a pixel of the result, in pixels of the coarser side; 0 from `support` on. */
interface Filter {
  readonly support: number;
  readonly weight: (distance: number) => number;
}

/** Pillow's BILINEAR and BICUBIC (`src/libImaging/Resample.c`): a triangle; Keys' cubic (1981) with a = -0.5. */
export const FILTERS = {
  bilinear: { support: 1, weight: (distance) => (distance < 1 ? 1 - distance : 0) },
  bicubic: {
    support: 2,
    weight: (distance) => {
      if (distance < 1) return ((CUBIC + 2) * distance - (CUBIC + 3)) * distance * distance + 1;
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * CUBIC : 0;
    },
  },
} as const satisfies Record<string, Filter>;

const CUBIC = -0.5;

export type FilterName = keyof typeof FILTERS;

/** Binary places of a weight; 8 bits of a byte and 2 for what negative weights add fit beside them in 32. */
const PRECISION_BITS = 22;
/** Those of its low half. */
const LOW_BITS = 11;
/** Bytes of the rows that are brought to the kernels at a time. */
const STRIP_BYTES = 2 ** 18;

/** What each pixel of the result is made of, along one axis. */
interface Axis {
  /** First pixel of the source, by pixel of the result. */
  readonly starts: Int32Array;
  /** Of two taps each, the high halves and then the low ones; `taps` a pixel of the result, with zeros behind. */
  readonly weights: Int16Array;
  readonly taps: number;
}

/**
 * An image resized and cropped, byte for byte as Pillow does it: the filter is as wide as the factor where the image shrinks, rows
 * go before columns, weights have 22 binary places, and between the passes are bytes. Only what the crop needs is computed.
 * @param size of the whole image, once resized
 * @param crop in pixels of the resized image, inside of it
 */
export function resample(
  image: RgbImage,
  size: { readonly width: number; readonly height: number },
  crop: Rectangle,
  filter: FilterName,
): RgbImage {
  const width = crop.right - crop.left;
  const height = crop.bottom - crop.top;
  const across = axisOf(image.width, size.width, crop.left, width, 4, filter);
  const down = axisOf(image.height, size.height, crop.top, height, 2, filter);
  const firstRow = down.starts[0]!;
  const rows = down.starts[height - 1]! + down.taps - firstRow;
  const sourceBytes = 3 * image.width;
  const strip = Math.max(1, Math.floor(STRIP_BYTES / sourceBytes));
  const { memory, clearRoom, roomFor, resampleRows, resampleColumns } = kernels();
  clearRoom();
  const source = roomFor(strip * sourceBytes + 3 * across.taps);
  const starts = roomFor(4 * width);
  const acrossWeights = roomFor(across.weights.byteLength);
  const downWeights = roomFor(down.weights.byteLength);
  const between = roomFor(rows * 3 * width);
  const out = roomFor(height * 3 * width);
  const put = (address: Address, { buffer, byteOffset, byteLength }: Int16Array | Int32Array | Uint8Array) =>
    new Uint8Array(memory.buffer).set(new Uint8Array(buffer, byteOffset, byteLength), address);
  put(
    starts,
    across.starts.map((start) => 3 * start),
  );
  put(acrossWeights, across.weights);
  put(downWeights, down.weights);
  // Taps that count for nothing may lie below the image.
  const there = Math.min(rows, image.height - firstRow);
  for (let row = 0; row < there; row += strip) {
    const count = Math.min(strip, there - row);
    const from = (firstRow + row) * sourceBytes;
    put(source, image.data.subarray(from, from + count * sourceBytes));
    resampleRows(source, sourceBytes, count, starts, acrossWeights, across.taps, width, between + row * 3 * width);
  }
  const rowBytes = 3 * width;
  for (let y = 0; y < height; y++)
    resampleColumns(
      between + (down.starts[y]! - firstRow) * rowBytes,
      rowBytes,
      downWeights + 4 * down.taps * y,
      down.taps,
      out + y * rowBytes,
    );
  return { width, height, data: new Uint8Array(memory.buffer, out, height * rowBytes).slice() };
}

/**
 * Weights along one axis, for `count` pixels of the result from `first` on.
 * @param multiple what the kernel takes at a time
 */
function axisOf(from: number, to: number, first: number, count: number, multiple: number, filter: FilterName): Axis {
  const { support, weight } = FILTERS[filter];
  const scale = from / to;
  const reach = support * Math.max(1, scale);
  const most = Math.min(from, 2 * Math.ceil(reach) + 1);
  const taps = Math.ceil(most / multiple) * multiple;
  const starts = new Int32Array(count);
  const weights = new Int16Array(2 * count * taps);
  const own = new Float64Array(most);
  for (let index = 0; index < count; index++) {
    const centre = (first + index + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const length = Math.min(from, Math.trunc(centre + reach + 0.5)) - start;
    let sum = 0;
    for (let tap = 0; tap < length; tap++)
      sum += own[tap] = weight(Math.abs((tap + start - centre + 0.5) * (1 / Math.max(1, scale))));
    starts[index] = start;
    for (let tap = 0; tap < length; tap++) {
      const share = (own[tap]! / sum) * 2 ** PRECISION_BITS;
      const whole = Math.trunc(share < 0 ? share - 0.5 : share + 0.5);
      const at = 2 * (index * taps + tap - (tap % 2)) + (tap % 2);
      weights[at] = whole >> LOW_BITS;
      weights[at + 2] = whole & (2 ** LOW_BITS - 1);
    }
  }
  return { starts, weights, taps };
}
