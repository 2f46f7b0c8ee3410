import { points, rounded } from './figure-text.ts';

const MINUS = '\u2212';
export const NARROW = '\u202f';

/** `0.499` becomes `50 %`; digits after the point as asked. */
export function percent(share: number, digits = 0): string {
  return Number.isFinite(share) ? `${points(share, digits).replace('-', MINUS)}${NARROW}%` : '–';
}

/** A saving as a change: `0.499` becomes `−49.9 %`, a loss `+3.0 %`. */
export function saving(share: number): string {
  if (!Number.isFinite(share)) return '–';
  const text = points(-share).replace('-', MINUS);
  return `${share < 0 && text !== '0.0' ? '+' : ''}${text}${NARROW}%`;
}

export function signed(value: number, digits: number): string {
  return rounded(value, digits).replace('-', MINUS);
}

const ENERGY_UNITS = [
  [1e12, 'J'],
  [1e9, 'mJ'],
  [1e6, 'µJ'],
  [1e3, 'nJ'],
] as const;

/** Picojoules in the unit that leaves one to three digits before the point. */
export function energy(picojoules: number): string {
  if (!Number.isFinite(picojoules)) return '–';
  for (const [size, unit] of ENERGY_UNITS)
    if (picojoules >= size) return `${significant(picojoules / size)}${NARROW}${unit}`;
  return `${significant(picojoules)}${NARROW}pJ`;
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}
