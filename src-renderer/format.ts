import { points, rounded } from '../src-shared/figure-text.ts';
import { STAGES, type WorkFigures } from '../src-shared/work.ts';

const MINUS = '\u2212';
const NARROW = '\u202f';

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

/** The same for the scale of a chart, whose figures are round. */
export function energyTick(picojoules: number): string {
  return picojoules === 0
    ? '0'
    : energy(picojoules)
        .replace(/(\.\d*?)0+(?=\D)/, '$1')
        .replace(/\.(?=\D)/, '');
}

/** `349000000` becomes `349 M`. */
export function count(value: number): string {
  if (value >= 1e9) return `${significant(value / 1e9)}${NARROW}G`;
  if (value >= 1e6) return `${significant(value / 1e6)}${NARROW}M`;
  if (value >= 1e3) return `${significant(value / 1e3)}${NARROW}k`;
  return String(value);
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}

/** Bits with one decimal where they are not whole. */
export function bits(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}

/** How far work is: `evaluating · 120 of 250 images · 4 failed · 12.3/s · 11 s left`. */
export function workText({ stage, subject, done, total, failed, rate, secondsLeft }: WorkFigures): string {
  const { words, counts } = STAGES[stage];
  const amount = (value: number) => (counts === 'bytes' ? bytes(value) : String(value));
  const unit = counts === null || counts === 'bytes' ? '' : ` ${counts}`;
  return [
    subject === null ? words : `${words} ${subject}`,
    ...(total === null ? [] : [`${amount(done)} of ${amount(total)}${unit}`]),
    ...(failed > 0 ? [`${failed} failed`] : []),
    ...(rate === null ? [] : [`${counts === 'bytes' ? bytes(rate) : significant(rate)}/s`]),
    ...(secondsLeft === null ? [] : [`${duration(secondsLeft)} left`]),
  ].join(' · ');
}

/** `26.1 kB`, `554 MB`. */
export function bytes(value: number): string {
  const text = count(value);
  return /\d$/.test(text) ? `${text}${NARROW}B` : `${text}B`;
}

export function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
