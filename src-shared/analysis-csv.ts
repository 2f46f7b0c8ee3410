import type { Analysis } from './analysis.ts';
import { csvRow } from './runs/csv.ts';

const COLUMNS = [
  'op',
  'macs',
  'values',
  'meanBits',
  'lockstepBits',
  'compactedBits',
  'crossbarBits',
  'zeroShare',
  'nonZeroBits',
  'groupBits',
  'palletBits',
  'clippedShare',
  'sqnrDb',
] as const;

/** The layers of an analysis, one a row. */
export function analysisCsv({ layers }: Analysis): string {
  const rows = layers.map((layer) => [layer.name, ...layer.inputShape, ...COLUMNS.map((column) => layer[column])]);
  return [['layer', 'channels', 'height', 'width', ...COLUMNS], ...rows].map(csvRow).join('');
}
