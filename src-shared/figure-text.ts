/** A number with so many digits behind the point. What rounds to 0 reads 0, never -0. Shares and differences for people are rounded here. */
export function rounded(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/**
 * A share as points of a hundred: `62.4`. A share that is written with few digits is rounded as it is written, half a digit away from
 * 0: 0.6245 is 62.5, 0.0035 is 0.4.
 */
export function points(share: number, digits = 1): string {
  const scale = 10 ** digits;
  const units = Math.round(Number((100 * scale * Math.abs(share)).toPrecision(12)));
  return rounded((Math.sign(share) * units) / scale, digits);
}

/** The same as a number, never -0: two runs that change places show the same figure with the other sign. */
export function inPoints(share: number): number {
  return Number(points(share));
}

/** A share in percent: `62.4 %`. */
export function percent(share: number, digits = 1): string {
  return `${points(share, digits)} %`;
}
