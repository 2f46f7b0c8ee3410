/** A number with so many digits behind the point. What rounds to 0 reads 0, never -0. Shares and differences for people are rounded here. */
export function rounded(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? text.replace('-', '') : text;
}

/** A share as points of a hundred: `62.4`. A share that is written with few digits is rounded as it is written: 0.6245 is 62.5. */
export function points(share: number, digits = 1): string {
  return rounded(Number((100 * share).toPrecision(12)), digits);
}

/** A share in percent: `62.4 %`. */
export function percent(share: number, digits = 1): string {
  return `${points(share, digits)} %`;
}
