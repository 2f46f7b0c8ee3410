import { energy, NARROW, percent, saving, signed, significant } from '../src-shared/number-text.ts';
import { STAGES, type WorkFigures } from '../src-shared/work.ts';

export { energy, percent, saving, signed, significant };

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

/** A name within a line of other text: one that runs from right to left leaves the order of what stands behind it as it is. */
export function isolated(name: string): string {
  return `\u2068${name}\u2069`;
}

/** When a run was begun, to the minute, in UTC. */
export function begun(createdAt: string): string {
  return createdAt.slice(0, 16).replace('T', ' ');
}
