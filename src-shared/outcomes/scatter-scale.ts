import type { PlanRow, Role } from './plan-rows.ts';

/** A row that can be drawn. */
export interface Point {
  readonly row: PlanRow;
  /** Share saved and share of right answers. */
  readonly saved: number;
  readonly accuracy: number;
}

export function pointsOf(rows: readonly PlanRow[]): Point[] {
  return rows.flatMap((row) =>
    row.saved === null || row.accuracy === null ? [] : [{ row, saved: row.saved, accuracy: row.accuracy }],
  );
}

/** Of a chart, pixels. */
export interface ChartSize {
  readonly width: number;
  readonly height: number;
}

/** Smaller, its figures would run into each other. */
export const LEAST_CHART: ChartSize = { width: 320, height: 180 };
const LEFT = 44;
export const RIGHT = 16;
const TOP = 46;
export const BOTTOM = 40;

/** Whole tens of percent that hold all points, with zero; savings may be losses. */
export function scaleOf(points: readonly Point[], { width, height }: ChartSize) {
  const tens = (value: number, round: (value: number) => number) => round(value * 10) / 10;
  const x0 = Math.min(0, ...points.map(({ saved }) => tens(saved, Math.floor)));
  const x1 = Math.max(0.5, ...points.map(({ saved }) => tens(saved, Math.ceil)));
  const highs = points.map(({ row, accuracy }) => row.interval?.[1] ?? accuracy);
  const y1 = Math.min(1, Math.max(0.1, ...highs.map((value) => tens(value, Math.ceil))));
  const ticks = (from: number, to: number) =>
    Array.from({ length: Math.round((to - from) * 10) + 1 }, (_, step) => from + step / 10);
  return {
    x: (saved: number) => LEFT + ((saved - x0) / (x1 - x0)) * (width - LEFT - RIGHT),
    y: (accuracy: number) => height - BOTTOM - (accuracy / y1) * (height - TOP - BOTTOM),
    xTicks: ticks(x0, x1),
    yTicks: ticks(0, y1),
  };
}

/** Marks about 0, 0: shape tells what a row is. Those without a path are discs. */
export const MARK_PATHS: Readonly<Partial<Record<Role, string>>> = {
  static: 'M-4-4h8v8h-8z',
  oracle: 'M0-6l6 6-6 6-6-6z',
  cascade: 'M0-6l6 10h-12z',
  centre: 'M-5 0h10M0-5v10',
  random: 'M-4-4l8 8M4-4l-8 8',
  inverse: 'M-5-4l5 8 5-8',
};
/** Marks that are lines, not areas. */
export const OPEN_MARKS: readonly Role[] = ['centre', 'random', 'inverse'];
