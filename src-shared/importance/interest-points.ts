import { forEachSobelRow } from './sobel.ts';

/** Weight of the squared trace in Harris's response; 0.04 to 0.06 are usual. */
const HARRIS_K = 0.04;

/**
 * Harris's corner response `det(M) - k trace(M)^2` of each pixel, M the structure tensor of luma averaged over 3 x 3 pixels, in
 * (grey levels per pixel)^4: positive at corners, negative on edges, zero where flat.
 * Harris and Stephens, "A Combined Corner and Edge Detector" (1988), section 2; derivatives by Sobel, the border repeated.
 * @param luma one byte a pixel, row by row
 * @returns one value a pixel, row by row
 */
export function harrisResponse(luma: Uint8Array, width: number, height: number): Float32Array {
  // Squared derivatives are summed over three columns as they come, over three rows below. The sums stay integers (at most
  // 9 * 1020^2), so they are exact.
  const xx = new Int32Array(width * height);
  const xy = new Int32Array(width * height);
  const yy = new Int32Array(width * height);
  forEachSobelRow(luma, width, height, 1, (y, dx, dy) => {
    for (let x = 0, i = y * width; x < width; x++, i++) {
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
  });
  const response = new Float32Array(width * height);
  const scale = 1 / (9 * 64);
  for (let y = 0; y < height; y++) {
    const above = y > 0 ? -width : 0;
    const below = y < height - 1 ? width : 0;
    for (let i = y * width; i < (y + 1) * width; i++) {
      const a = (xx[i + above]! + xx[i]! + xx[i + below]!) * scale;
      const b = (xy[i + above]! + xy[i]! + xy[i + below]!) * scale;
      const c = (yy[i + above]! + yy[i]! + yy[i + below]!) * scale;
      response[i] = a * c - b * b - HARRIS_K * (a + c) * (a + c);
    }
  }
  return response;
}

/**
 * Corners and their strengths: where the response is positive and largest among its 3 x 3 pixels, its fourth root (which brings it
 * back to grey levels per pixel, so that doubled contrast doubles the strength); 0 elsewhere. Of equal neighbours the first in
 * reading order is the corner. The outermost pixels, whose derivatives rest on repeated pixels, are never corners.
 * @returns one value a pixel, row by row
 */
export function cornerStrengths(response: Float32Array, width: number, height: number): Float32Array {
  const strengths = new Float32Array(width * height);
  for (let y = 1; y < height - 1; y++)
    for (let i = y * width + 1; i < (y + 1) * width - 1; i++) {
      const value = response[i]!;
      if (
        value > 0 &&
        value > response[i - 1]! &&
        value >= response[i + 1]! &&
        value > response[i - width - 1]! &&
        value > response[i - width]! &&
        value > response[i - width + 1]! &&
        value >= response[i + width - 1]! &&
        value >= response[i + width]! &&
        value >= response[i + width + 1]!
      )
        strengths[i] = Math.sqrt(Math.sqrt(value));
    }
  return strengths;
}
