import { expect, it } from 'vitest';
import type { PlanRow } from '../../../src-shared/outcomes/plan-rows.ts';
import { scatterDrawing } from '../../../src-shared/report/drawings.ts';

it('has room for the key of every role', () => {
  const roles = ['plan', 'centre', 'random', 'inverse', 'uniform', 'static', 'oracle', 'cascade'] as const;
  const rows = roles.map((role, index): PlanRow => ({
    ...{ key: role, plan: index, role, name: role, n: 10, accuracy: 0.5, interval: null, saved: 0.1 * index },
    ...{ compute: null, chip: null, difference: null, front: false, nested: false },
  }));
  const svg = scatterDrawing(rows, 'Top-1', 'compute energy saved', null).text;
  const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
  // Of letters of 12 pixels, wide ones: 7.5 pixels each.
  const ends = roles.map((role) => {
    const key = new RegExp(`translate\\(([\\d.]+) [\\d.]+\\)"[^]*?<text[^>]*x="([\\d.]+)"[^>]*>${role}<`).exec(
      svg.slice(svg.lastIndexOf('<g transform', svg.indexOf(`>${role}<`))),
    );
    return Number(key?.[1]) + Number(key?.[2]) + 7.5 * role.length;
  });
  expect(Math.max(...ends)).toBeLessThanOrEqual(width);
});
