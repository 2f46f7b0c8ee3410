import { sobelRow } from './sobel.ts';

/** Weight of the squared trace in Harris's response; 0.04 to 0.06 are usual. */
const HARRIS_K = 0.04;

/**
 * Harris's corner response `det(M) - k trace(M)^2` of each pixel, M the structure tensor of luma averaged over 3 x 3 pixels, in
 * (grey levels per pixel)^4: positive at corners, negative on edges, zero where flat.
 * Harris and Stephens, "A Combined Corner and Edge Detector" (1988), section 2; derivatives by Sobel, the border repeated.
 * @param luma one byte a pixel, row by row
 * @returns the rows of the image, one value a pixel; each is overwritten by the next
 */
export function* harrisRows(luma: Uint8Array, width: number, height: number): Iterable<Float32Array> {
  // Squared derivatives, summed over three columns as they come; the last three rows are held. The sums stay integers (at most
  // 9 * 1020^2), so they are exact.
  const xx = new Float64Array(3 * width);
  const xy = new Float64Array(3 * width);
  const yy = new Float64Array(3 * width);
  const dx = new Float64Array(width);
  const dy = new Float64Array(width);
  const response = new Float32Array(width);
  const scale = 1 / (9 * 64);
  for (let next = 0; next <= height; next++) {
    if (next < height) {
      sobelRow(luma, width, height, 1, next, dx, dy);
      for (let x = 0, i = (next % 3) * width; x < width; x++, i++) {
        const left = x > 0 ? x - 1 : 0;
        const right = x < width - 1 ? x + 1 : x;
        const dx0 = dx[left]!;
        const dx1 = dx[x]!;
        const dx2 = dx[right]!;
        const dy0 = dy[left]!;
        const dy1 = dy[x]!;
        const dy2 = dy[right]!;
        xx[i] = dx0 * dx0 + dx1 * dx1 + dx2 * dx2;
        xy[i] = dx0 * dy0 + dx1 * dy1 + dx2 * dy2;
        yy[i] = dy0 * dy0 + dy1 * dy1 + dy2 * dy2;
      }
    }
    if (next === 0) continue;
    const y = next - 1;
    const here = (y % 3) * width;
    const above = y > 0 ? ((y - 1) % 3) * width : here;
    const below = next < height ? (next % 3) * width : here;
    for (let x = 0; x < width; x++) {
      const a = (xx[above + x]! + xx[here + x]! + xx[below + x]!) * scale;
      const b = (xy[above + x]! + xy[here + x]! + xy[below + x]!) * scale;
      const c = (yy[above + x]! + yy[here + x]! + yy[below + x]!) * scale;
      response[x] = a * c - b * b - HARRIS_K * (a + c) * (a + c);
    }
    yield response;
  }
}

/**
 * Corners and their strengths: where {@link harrisRows Harris's response} is positive and largest among its 3 x 3 pixels, its fourth
 * root (which brings it back to grey levels per pixel, so that doubled contrast doubles the strength); 0 elsewhere. Of equal
 * neighbours the first in reading order is the corner. The outermost pixels, whose derivatives rest on repeated pixels, are never
 * corners.
 * @param luma one byte a pixel, row by row
 * @returns the rows of the image, one value a pixel; each is overwritten by the next
 */
export function* cornerRows(luma: Uint8Array, width: number, height: number): Iterable<Float32Array> {
  const strengths = new Float32Array(width);
  yield strengths;
  if (height === 1) return;
  let above = new Float32Array(width);
  let here = new Float32Array(width);
  let below = new Float32Array(width);
  let rows = 0;
  for (const response of harrisRows(luma, width, height)) {
    [above, here, below] = [here, below, above];
    below.set(response);
    if (++rows < 3) continue;
    for (let x = 1; x < width - 1; x++) {
      const value = here[x]!;
      const isCorner =
        value > 0 &&
        value > here[x - 1]! &&
        value >= here[x + 1]! &&
        value > above[x - 1]! &&
        value > above[x]! &&
        value > above[x + 1]! &&
        value >= below[x - 1]! &&
        value >= below[x]! &&
        value >= below[x + 1]!;
      strengths[x] = isCorner ? Math.sqrt(Math.sqrt(value)) : 0;
    }
    yield strengths;
  }
  yield strengths.fill(0);
}
