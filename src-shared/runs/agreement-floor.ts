/** How many of some images a width gets right, and how well its answers agree with the plain network's: of as many at most. */
export interface JudgedWidth {
  readonly right: number;
  readonly agreement: number;
}

/**
 * How well answers must agree with the plain network's for so many to be right. Labels say no more than that; what is chosen is chosen by
 * agreement, which tells harm earlier. Few labels say little of one width, so all of them are asked together: answers that are lost grow
 * with the square of what agreement lacks, by least squares over the widths (small changes move answers that were wrong as often as right
 * ones; 8 to 1 bits of SqueezeNet lie within half of this curve). Widths that agree less than half are not asked: where little is left, little
 * more can be lost, and they would make small harm look smaller than it is.
 * @param widths uniform bits, any number of them
 * @param images that were judged
 * @param plainRight of them under the plain network
 * @param floor of them that must be right, less than `plainRight`
 */
export function agreementFor(
  widths: readonly JudgedWidth[],
  images: number,
  plainRight: number,
  floor: number,
): number {
  let fitted = 0;
  let squares = 0;
  const telling = widths.filter(({ agreement }) => 2 * agreement >= images);
  for (const { right, agreement } of telling.length > 0 ? telling : widths) {
    const lack = (images - agreement) ** 2;
    fitted += (plainRight - right) * lack;
    squares += lack ** 2;
  }
  if (fitted <= 0) return 0;
  return Math.max(0, images - Math.sqrt(((plainRight - floor) * squares) / fitted));
}
