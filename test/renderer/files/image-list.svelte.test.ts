import { expect, test } from 'vitest';
import { ImageList, type Verdict } from '../../../src-renderer/files/image-list.svelte.ts';
import type { ImageEntry } from '../../../src-shared/contract/images.ts';

const image = (id: string, path: string | null, name = id): ImageEntry => ({ id, name, path, width: 8, height: 8 });
const SAMPLES = [image('s1', null, 'pizza.jpg'), image('s2', null, 'watch.jpg')];
const OWN = [
  image('a', '/photos/cats/10.jpg', '10.jpg'),
  image('b', '/photos/dogs/x.jpg', 'x.jpg'),
  image('c', '/photos/cats/9.jpg', '9.jpg'),
];
const verdict = (kept: boolean, saved: number): Verdict => ({
  failed: false,
  kept,
  saved,
  answer: 'x',
  earlier: false,
});
const VERDICTS: Record<string, Verdict> = { a: verdict(true, 0.2), b: { failed: true }, c: verdict(false, 0.5) };
const idsOf = (list: ImageList) => list.listed.map(({ id }) => id).join();

test('the samples of the start give way to what is opened, and come back when asked for', () => {
  const list = new ImageList();
  list.begin(SAMPLES);
  expect([idsOf(list), list.selected?.id]).toEqual(['s1,s2', 's1']);
  list.add({ images: OWN, failed: [] });
  expect([idsOf(list), list.selected?.id]).toEqual(['a,c,b', 'a']);
  list.add({ images: [SAMPLES[1]!], failed: [] });
  expect(idsOf(list)).toBe('a,c,b,s2');
  // Who was faster than the samples keeps what he opened.
  const early = new ImageList();
  early.add({ images: OWN, failed: [] });
  early.begin(SAMPLES);
  expect(idsOf(early)).toBe('a,c,b');
});

test('images stand folder by folder, sorted and chosen by what the plan does to them; the shown one never leaves', () => {
  const list = new ImageList((id) => VERDICTS[id] ?? null);
  list.add({ images: OWN, failed: [] });
  expect(list.groups.map(({ folder }) => folder)).toEqual(['/photos/cats', '/photos/dogs']);
  list.sort = 'name';
  expect(idsOf(list)).toBe('c,a,b');
  list.sort = 'changed';
  expect(idsOf(list)).toBe('c,a,b');
  list.sort = 'opened';
  list.changedOnly = true;
  expect(idsOf(list)).toBe('a,c,b');
  list.move(1);
  expect(idsOf(list)).toBe('c,b');
});

test('a removal shows the neighbour, and is undone at its place', () => {
  const list = new ImageList();
  list.add({ images: OWN, failed: [] });
  list.select('c');
  const putBack = list.remove('c');
  expect([idsOf(list), list.selected?.id]).toEqual(['a,b', 'b']);
  putBack();
  expect([idsOf(list), list.selected?.id]).toEqual(['a,c,b', 'c']);
  putBack();
  expect(idsOf(list)).toBe('a,c,b');
});

test('what is opened while the list of before a reload is looked for stands behind it, and stays shown', () => {
  const list = new ImageList();
  list.begin(SAMPLES);
  list.add({ images: [OWN[0]!], failed: [] });
  list.restore([OWN[1]!, OWN[2]!], 'b');
  expect(list.opened.map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  expect(list.selected?.id).toBe('a');
});
