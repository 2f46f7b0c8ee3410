/**
 * A share or a difference of shares as points of a hundred, to one digit behind the point: what every table, headline and export
 * shows. Half a digit goes away from 0, so that two runs that change places show the same figure with the other sign; never -0.
 */
export function inPoints(share: number): number {
  return (Math.sign(share) * Math.round(Math.abs(share) * 1000)) / 10 + 0;
}
