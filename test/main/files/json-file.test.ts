import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { jsonFile } from '../../../src-main/files/json-file.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'fovea-json-'))));
afterEach(() => rmSync(folder, { recursive: true }));

const schema = z.object({ count: z.number() });

test('what was written is read, in a folder made for it', async () => {
  const path = join(folder, 'data', 'count.json');
  await jsonFile(path, schema, { count: 0 }).write({ count: 3 });
  expect(await jsonFile(path, schema, { count: 0 }).read()).toEqual({ count: 3 });
});

test.each(['', '{"count": ', '{"count": "three"}', '[]', '\0\0'])('a file that holds %j is forgotten', async (text) => {
  const path = join(folder, 'count.json');
  writeFileSync(path, text);
  expect(await jsonFile(path, schema, { count: 7 }).read()).toEqual({ count: 7 });
});

describe('a file of another Fovea', () => {
  const path = () => join(folder, 'settings.json');
  const settings = z.strictObject({ name: z.string(), size: z.strictObject({ wide: z.number() }), dark: z.boolean() });
  const file = () => jsonFile(path(), settings, { name: 'new', size: { wide: 1 }, dark: false });
  const store = (value: unknown) => writeFileSync(path(), JSON.stringify(value));
  const stored = () => JSON.parse(readFileSync(path(), 'utf8'));

  test('that is older: a field it has not costs itself alone', async () => {
    store({ name: 'kept', dark: true });
    expect(await file().read()).toEqual({ name: 'kept', size: { wide: 1 }, dark: true });
  });

  test('that is newer: a field that is unknown here is left out, and stays in the file, at any depth', async () => {
    store({ name: 'kept', size: { wide: 2 }, dark: true, place: { of: 'a newer one' } });
    expect(await file().read()).toEqual({ name: 'kept', size: { wide: 2 }, dark: true });
    await file().write({ name: 'written', size: { wide: 3 }, dark: false });
    expect(stored()).toEqual({ name: 'written', size: { wide: 3 }, dark: false, place: { of: 'a newer one' } });
  });

  test.each([
    ['name', { name: 7, size: { wide: 2 }, dark: true }, { name: 'new', size: { wide: 2 }, dark: true }],
    ['size', { name: 'kept', size: 'large', dark: true }, { name: 'kept', size: { wide: 1 }, dark: true }],
    ['dark', { name: 'kept', size: { wide: 2 }, dark: null }, { name: 'kept', size: { wide: 2 }, dark: false }],
  ])('or that was spoilt: a bad %s costs itself alone', async (_, spoilt, read) => {
    store(spoilt);
    expect(await file().read()).toEqual(read);
  });

  test('is written over where it is no object', async () => {
    store(['something else']);
    await file().write({ name: 'written', size: { wide: 3 }, dark: false });
    expect(stored()).toEqual({ name: 'written', size: { wide: 3 }, dark: false });
  });

  test('may hold names that mean something to JavaScript', async () => {
    writeFileSync(path(), '{"__proto__": {"dark": true}, "name": "kept", "constructor": 1}');
    expect(await file().read()).toEqual({ name: 'kept', size: { wide: 1 }, dark: false });
    await file().write({ name: 'written', size: { wide: 3 }, dark: false });
    expect(readFileSync(path(), 'utf8')).toContain('"__proto__"');
  });
});

test('a file may begin with a byte-order mark, as some editors write it', async () => {
  const path = join(folder, 'count.json');
  writeFileSync(path, '\uFEFF{"count": 3}');
  expect(await jsonFile(path, schema, { count: 0 }).read()).toEqual({ count: 3 });
});

test('of many writes at once the last one stays, whole, and nothing else is left', async () => {
  const path = join(folder, 'count.json');
  const file = jsonFile(path, schema, { count: 0 });
  await Promise.all(Array.from({ length: 20 }, (_, count) => file.write({ count })));
  expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual({ count: 19 });
  expect(readdirSync(folder)).toEqual(['count.json']);
});

test('a write that fails says so, and the next one is made', async () => {
  const path = join(folder, 'blocked', 'count.json');
  writeFileSync(join(folder, 'blocked'), 'a file where a folder should be');
  const file = jsonFile(path, schema, { count: 0 });
  await expect(file.write({ count: 1 })).rejects.toThrow();
  rmSync(join(folder, 'blocked'));
  await file.write({ count: 2 });
  expect(await file.read()).toEqual({ count: 2 });
});
