/** Receives the derivatives of one row: `dx[i]` and `dy[i]` belong to value `i` of the row, channels interleaved as in the image. */
export type DerivativeRow = (y: number, dx: Int32Array, dy: Int32Array) => void;

/**
 * Sobel's 3 x 3 derivatives of an 8-bit image, row by row; pixels beyond the border repeat the border. Eight times the slope in
 * grey levels per pixel, in -1020..1020. The rows given to `visit` are reused.
 * @param data `width * height * channels` bytes, channels interleaved
 */
export function forEachSobelRow(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  visit: DerivativeRow,
): void {
  const length = width * channels;
  // One pixel of margin on each side holds the repeated border. Columns are smoothed and differenced first: Sobel is separable.
  const smooth = new Int32Array(length + 2 * channels);
  const difference = new Int32Array(length + 2 * channels);
  const dx = new Int32Array(length);
  const dy = new Int32Array(length);
  for (let y = 0; y < height; y++) {
    const here = y * length;
    const above = y > 0 ? here - length : here;
    const below = y < height - 1 ? here + length : here;
    for (let i = 0; i < length; i++) {
      const up = data[above + i]!;
      const down = data[below + i]!;
      smooth[i + channels] = up + 2 * data[here + i]! + down;
      difference[i + channels] = down - up;
    }
    for (let c = 0; c < channels; c++) {
      smooth[c] = smooth[c + channels]!;
      difference[c] = difference[c + channels]!;
      smooth[length + channels + c] = smooth[length + c]!;
      difference[length + channels + c] = difference[length + c]!;
    }
    for (let i = 0; i < length; i++) {
      dx[i] = smooth[i + 2 * channels]! - smooth[i]!;
      dy[i] = difference[i]! + 2 * difference[i + channels]! + difference[i + 2 * channels]!;
    }
    visit(y, dx, dy);
  }
}
