import type { EngineProgress } from '../engine/engine-protocol.ts';
import { durationText } from '../work/folder-progress.ts';

const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** `26.1 kB`, `4.95 MB`, `554 MB`: decimal units, three digits. */
export function bytesText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 ? value : value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(value))))} ${UNITS[unit]}`;
}

/** A line is made at most so often. */
const INTERVAL_MS = 100;

/**
 * Shows bytes done, rate and time left: `12.3 of 554 MB, 8.10 MB a second, 2 min left`.
 * @param show takes each line
 */
export function byteProgress(show: (line: string) => void): (progress: EngineProgress) => void {
  let first: { readonly time: number; readonly done: number } | null = null;
  let shown = -Infinity;
  return ({ done, total }) => {
    const time = performance.now();
    // A download that starts anew begins a new rate.
    if (first === null || done < first.done) first = { time, done };
    if (time - shown < INTERVAL_MS && done < total) return;
    shown = time;
    const rate = (1000 * (done - first.done)) / (time - first.time);
    const estimate = rate > 0 ? `, ${bytesText(rate)} a second, ${durationText((total - done) / rate)} left` : '';
    show(`${bytesText(done)} of ${bytesText(total)}${done < total ? estimate : ''}`);
  };
}
