const UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** `26.1 kB`, `4.95 MB`, `554 MB`: decimal units, three digits. */
export function bytesText(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const value = bytes / 1000 ** unit;
  return `${unit === 0 ? value : value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(value))))} ${UNITS[unit]}`;
}
