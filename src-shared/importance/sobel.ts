/**
 * Sobel's 3 x 3 derivatives of row `y` of an 8-bit image; pixels beyond the border repeat the border. Eight times the slope in grey
 * levels per pixel, in -1020..1020: whole numbers, held as doubles because engines check each integer product for overflow.
 * @param data `width * height * channels` bytes, channels interleaved
 * @param dx receives the derivatives along the row, `width * channels`, channels interleaved as in the image
 * @param dy receives those across it
 */
export function sobelRow(
  data: Uint8Array,
  width: number,
  height: number,
  channels: number,
  y: number,
  dx: Float64Array,
  dy: Float64Array,
): void {
  const length = width * channels;
  const here = y * length;
  const above = y > 0 ? here - length : here;
  const below = y < height - 1 ? here + length : here;
  for (let channel = 0; channel < channels; channel++) {
    // Sobel is separable: columns are smoothed and differenced as they come, three of them are held.
    let smooth = data[above + channel]! + 2 * data[here + channel]! + data[below + channel]!;
    let difference = data[below + channel]! - data[above + channel]!;
    let lastSmooth = smooth;
    let lastDifference = difference;
    let i = channel;
    for (let next = i + channels; next < length; next += channels) {
      const up = data[above + next]!;
      const down = data[below + next]!;
      const nextSmooth = up + 2 * data[here + next]! + down;
      const nextDifference = down - up;
      dx[i] = nextSmooth - lastSmooth;
      dy[i] = lastDifference + 2 * difference + nextDifference;
      lastSmooth = smooth;
      smooth = nextSmooth;
      lastDifference = difference;
      difference = nextDifference;
      i = next;
    }
    dx[i] = smooth - lastSmooth;
    dy[i] = lastDifference + 3 * difference;
  }
}
