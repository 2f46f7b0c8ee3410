import { expect, test } from 'vitest';
import { Brush, type Canvas } from '../../../src-renderer/analyse/brush.svelte.ts';

const GRID = { rows: 2, columns: 2 };
const canvas = (values: readonly number[] | null = null, imageId = 'a'): Canvas => ({ imageId, grid: GRID, values });

function brush() {
  const sent: { readonly imageId: string; readonly values: readonly number[] }[] = [];
  return { sent, own: new Brush(({ imageId }, values) => Promise.resolve(void sent.push({ imageId, values }))) };
}

test('a stroke paints its cells, or erases them where it begins on a painted one, and is sent once it ends', async () => {
  const { sent, own } = brush();
  own.paint(canvas(), { row: 0, column: 0 }, true);
  own.paint(canvas(), { row: 1, column: 1 }, false);
  expect(own.valuesOn(canvas())).toEqual([1, 0, 0, 1]);
  expect(sent).toEqual([]);
  await own.end(canvas());
  own.paint(canvas(), { row: 1, column: 1 }, true);
  own.paint(canvas(), { row: 0, column: 1 }, false);
  await own.end(canvas());
  expect(sent).toEqual([
    { imageId: 'a', values: [1, 0, 0, 1] },
    { imageId: 'a', values: [1, 0, 0, 0] },
  ]);
});

test('each image has a canvas of its own, which begins with the map that the image has', async () => {
  const { sent, own } = brush();
  own.paint(canvas(), { row: 0, column: 0 }, true);
  const other = canvas([0.25, 0.5, 0.75, 1], 'b');
  expect(own.valuesOn(other)).toEqual([0.25, 0.5, 0.75, 1]);
  await own.end(other);
  expect(sent).toEqual([]);
  own.paint(other, { row: 1, column: 0 }, true);
  expect(own.valuesOn(other)).toEqual([0.25, 0.5, 0, 1]);
});

test('what is drawn gives way to a map of elsewhere of the same image alone', () => {
  const { own } = brush();
  const map = { path: '/maps/b.png', sha256: 'b'.repeat(64), name: 'b.png' };
  own.paint(canvas(), { row: 0, column: 0 }, true);
  own.take([['b', map]]);
  expect(own.valuesOn(canvas())).toEqual([1, 0, 0, 0]);
  own.take([['a', map]]);
  expect(own.valuesOn(canvas())).toEqual([0, 0, 0, 0]);
});
